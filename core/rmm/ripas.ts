/**
 * RIPAS changes: the realm asks, the host carries out, the next entry answers.
 *
 * Source: TF-RMM `rsi/memory.c`, `rmi/rtt.c` (`smc_rtt_set_ripas`), `run.c`
 * (`complete_set_ripas`); rmm.md §3.5, §5.4, §5.7, §6.2.
 *
 * @module
 */

import { granule_bytes, isProtected } from "../arch/address.ts";
import type { World } from "../world.ts";
import {
  advance,
  type Frame,
  getX,
  type Handled,
  leave,
  setX,
  withExit,
  withRec,
} from "./frame.ts";
import type { RmmProfile } from "./profile.ts";
import { EXIT } from "./recrun.ts";
import { reply, RSI, withResults } from "./reply.ts";
import { failed, type RmiFailure } from "./rmi.ts";
import {
  type GranuleState,
  RIPAS,
  runAt,
  setRipas,
  type Stage2,
  tableEnd,
  walk_level,
} from "./stage2.ts";
import type { RipasRequest } from "./state.ts";

const isAligned = (ipa: bigint): boolean => ipa % BigInt(granule_bytes) === 0n;

/** A granule-aligned, non-empty range inside the Protected half. */
const isRange = (frame: Frame, base: bigint, top: bigint): boolean =>
  isAligned(base) && isAligned(top) && base < top &&
  isProtected(top - 1n, frame.rmm.ipa_bits);

/** The parameters of RSI_IPA_STATE_SET, of which X3 and X4 count by their low halves. */
const requested = (frame: Frame): RipasRequest | null => {
  const [base, top] = [getX(frame, 1), getX(frame, 2)];
  const ripas = getX(frame, 3) & 0xffff_ffffn;
  if (RIPAS.ram < ripas || !isRange(frame, base, top)) return null;
  return {
    base,
    top,
    addr: base,
    ripas: ripas === RIPAS.ram ? "ram" : "empty",
    change_destroyed: (getX(frame, 4) & 0xffff_ffffn) === 1n,
  };
};

/** RSI_IPA_STATE_SET: records the request and exits; X0 to X2 are settled at the next entry. */
export const ipaStateSet = (frame: Frame): Handled => {
  const ripas_request = requested(frame);
  if (ripas_request === null) return reply(frame, [RSI.ERROR_INPUT]);
  const { base, top, ripas } = ripas_request;
  const asked = withRec(frame, { ripas_request });
  const answered = withResults(asked, [RSI.SUCCESS, top]);
  return leave(withExit(advance(answered), {
    exit_reason: EXIT.RIPAS_CHANGE,
    ripas_base: base,
    ripas_top: top,
    ripas_value: RIPAS[ripas],
  }));
};

/** RSI_IPA_STATE_GET: the RIPAS at X1 and how far, up to X2 and within one table, it reaches. */
export const ipaStateGet = (frame: Frame): Handled => {
  const [base, top] = [getX(frame, 1), getX(frame, 2)];
  if (!isRange(frame, base, top)) return reply(frame, [RSI.ERROR_INPUT]);
  const end = tableEnd(base) < top ? tableEnd(base) : top;
  const { stage2 } = frame.rmm;
  const { ripas } = runAt(stage2, base, end);
  let at = base;
  while (at < end) {
    const run = runAt(stage2, at, end);
    if (run.ripas !== ripas) break;
    at = run.top;
  }
  return reply(frame, [RSI.SUCCESS, at, RIPAS[ripas]]);
};

/** True when the request may pass over granules in this state (§5.4). */
const allows = (
  profile: RmmProfile,
  request: RipasRequest,
  { ripas }: GranuleState,
): boolean =>
  ripas !== "destroyed" || request.change_destroyed ||
  (request.ripas === "empty" && profile.destroyed_to_empty_freely);

/** How far from `base` the change can go: to `top`, the table's end or a granule that forbids it. */
const reachable = (
  profile: RmmProfile,
  stage2: Stage2,
  request: RipasRequest,
  base: bigint,
  top: bigint,
): bigint => {
  const end = tableEnd(base) < top ? tableEnd(base) : top;
  let at = base;
  while (at < end) {
    const run = runAt(stage2, at, end);
    if (!allows(profile, request, run)) break;
    at = run.top;
  }
  return at;
};

/** The stage 2 after the change; device granules keep their RIPAS. */
const changed = (
  stage2: Stage2,
  request: RipasRequest,
  base: bigint,
  top: bigint,
): Stage2 => {
  let next = stage2;
  for (let at = base; at < top;) {
    const run = runAt(stage2, at, top);
    if (run.ripas !== "dev") {
      next = setRipas(next, at, run.top, request.ripas);
    }
    at = run.top;
  }
  return next;
};

/** How RMI_RTT_SET_RIPAS ended. */
export type SetRipasOutcome =
  | { readonly tag: "Done"; readonly world: World; readonly out_top: bigint }
  | RmiFailure;

/**
 * RMI_RTT_SET_RIPAS: carries out the pending request of REC `rec` over
 * `[base, top)` as far as one table allows.
 *
 * Errors: RMI_ERROR_INPUT, RMI_ERROR_REC while the REC runs, RMI_ERROR_RTT
 * with the walk's level when the first granule cannot change.
 */
export const rttSetRipas = (
  world: World,
  rec: number,
  base: bigint,
  top: bigint,
): SetRipasOutcome => {
  if (top <= base || !isAligned(top)) return failed("RMI_ERROR_INPUT");
  const state = world.rmm.recs[rec];
  if (state === undefined) return failed("RMI_ERROR_INPUT");
  if (state.running) return failed("RMI_ERROR_REC");
  const request = state.ripas_request;
  if (request === null || base !== request.addr || request.top < top) {
    return failed("RMI_ERROR_INPUT");
  }
  const { stage2 } = world.rmm;
  const out_top = reachable(world.profile.rmm, stage2, request, base, top);
  if (out_top === base) return failed("RMI_ERROR_RTT", walk_level);
  const advanced = { ...request, addr: out_top };
  const rmm = {
    ...world.rmm,
    stage2: changed(stage2, request, base, out_top),
    recs: world.rmm.recs.with(rec, { ...state, ripas_request: advanced }),
  };
  return { tag: "Done", world: { ...world, rmm }, out_top };
};

/** Host's answers to a RIPAS change as X2 reports them. */
export const RESPONSE = { ACCEPT: 0n, REJECT: 1n } as const;

/** At entry: ends a pending request; only an unfinished change to RAM can be rejected (§3.5). */
export const completeRipas = (frame: Frame, rejected: boolean): Frame => {
  const request = frame.rec.ripas_request;
  if (request === null) return frame;
  const { addr, top, ripas } = request;
  const refused = rejected && ripas === "ram" && addr !== top;
  const response = refused ? RESPONSE.REJECT : RESPONSE.ACCEPT;
  let done = withRec(frame, { ripas_request: null });
  done = setX(done, 0, RSI.SUCCESS);
  done = setX(done, 1, addr);
  return setX(done, 2, response);
};
