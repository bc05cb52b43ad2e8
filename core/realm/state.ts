/**
 * The realm's slice of the world: its RECs' registers and its memory.
 *
 * @module
 */

import type { Memory } from "./memory.ts";
import type { Rec } from "./rec.ts";

/** Everything the realm owns. */
export interface Realm {
  /** Registers, one entry per REC. */
  readonly recs: readonly Rec[];
  /** RAM in the Protected half. */
  readonly memory: Memory;
}
