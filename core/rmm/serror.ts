/**
 * SErrors the realm takes to R-EL2.
 *
 * Source: TF-RMM `exit.c` (`handle_exception_serror_lel`); rmm.md §2.8.
 *
 * @module
 */

import { field, get } from "../arch/word.ts";
import {
  type Frame,
  type Handled,
  leave,
  panic,
  withExit,
  withRec,
} from "./frame.ts";
import { EXIT } from "./recrun.ts";
import { serror_mask } from "./syndrome.ts";

/** The ISS of an SError. */
const SERROR = {
  IDS: field(24),
  AET: field(12, 10),
  DFSC: field(5, 0),
} as const;

/** Values of AET, how far the error spread. */
const AET = { UEU: 1, UEO: 2, UER: 3, CE: 6 } as const;

const serror_async = 0x11;

/** Handles an SError: contained errors are reported; those that hit the realm also become a virtual SError (§2.8). */
export const serror = (frame: Frame, esr: bigint): Handled => {
  if (get(esr, SERROR.IDS) === 1) return panic("system_abort");
  if (get(esr, SERROR.DFSC) !== serror_async) return panic("system_abort");
  const reported = withExit(frame, {
    exit_reason: EXIT.SERROR,
    esr: esr & serror_mask,
  });
  switch (get(esr, SERROR.AET)) {
    case AET.UEU:
    case AET.UER:
      return leave(withRec(reported, { vserror: esr }));
    case AET.UEO:
    case AET.CE:
      return leave(reported);
    default:
      return panic("system_abort");
  }
};
