/**
 * RSI_HOST_CALL: the realm's parameters to the host, and the host's back.
 *
 * The RsiHostCall structure holds imm at 0x0 and 31 registers at 0x8.
 *
 * Source: TF-RMM `rsi/host_call.c` (`do_host_call`), `run.c`
 * (`complete_host_call`); rmm.md §3.6, §6.2.
 *
 * @module
 */

import { isProtected } from "../arch/address.ts";
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
import { missingPage, reach, readWord, wordBytes, writeBytes } from "./page.ts";
import { EXIT, zero_exit } from "./recrun.ts";
import { reply, RSI } from "./reply.ts";

/** Bytes of RsiHostCall, which is also its alignment. */
export const host_call_bytes = 0x100;

/** Offset of gprs[0] in RsiHostCall. */
const gprs_offset = 0x8;

// Aligned to its own size, the structure cannot cross a granule.
const placed = (frame: Frame, ipa: bigint): boolean =>
  ipa % BigInt(host_call_bytes) === 0n &&
  isProtected(ipa, frame.rmm.ipa_bits);

/** Handles RSI_HOST_CALL: exits with imm and 31 registers; the result waits for the next entry. */
export const hostCall = (frame: Frame): Handled => {
  const ipa = getX(frame, 1);
  if (!placed(frame, ipa)) return reply(frame, [RSI.ERROR_INPUT]);
  switch (reach(frame, ipa)) {
    case "refused":
      return reply(frame, [RSI.ERROR_INPUT]);
    case "missing":
      return leave(missingPage(frame, ipa));
    case "mapped": {
      const gprs = zero_exit.gprs.map((_, n) =>
        readWord(frame, ipa + BigInt(gprs_offset + 8 * n), 8)
      );
      const pending = withRec(advance(frame), { host_call_pending: true });
      return leave(withExit(pending, {
        exit_reason: EXIT.HOST_CALL,
        imm: readWord(frame, ipa, 4),
        gprs,
      }));
    }
  }
};

/** How a host call's completion ended. */
export type HostCallCompletion =
  | { readonly tag: "Completed"; readonly frame: Frame }
  /** The page is gone: the host gets a new exit and must give its registers again. */
  | { readonly tag: "Missing"; readonly frame: Frame };

/** At entry: writes the host's 31 registers to the structure at X1 and X0 := RSI_SUCCESS. */
export const completeHostCall = (
  frame: Frame,
  gprs: readonly bigint[],
): HostCallCompletion => {
  if (!frame.rec.host_call_pending) return { tag: "Completed", frame };
  const ipa = getX(frame, 1);
  const done = withRec(frame, { host_call_pending: false });
  switch (reach(frame, ipa)) {
    case "missing":
      return { tag: "Missing", frame: missingPage(frame, ipa) };
    case "refused":
      // The page became EMPTY: the answer is dropped and X0 keeps the FID.
      return { tag: "Completed", frame: done };
    case "mapped": {
      const data = new Uint8Array(8 * gprs.length);
      gprs.forEach((gpr, n) => data.set(wordBytes(gpr, 8), 8 * n));
      const at = ipa + BigInt(gprs_offset);
      const answered = setX(writeBytes(done, at, data), 0, RSI.SUCCESS);
      return { tag: "Completed", frame: answered };
    }
  }
};
