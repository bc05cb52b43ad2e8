/**
 * The realm's slice of the world: its RECs' registers and its memory.
 *
 * @module
 */

import type { Memory } from "./memory.ts";
import type { Rec } from "./rec.ts";

/** Everything the realm owns. */
export interface Realm {
  readonly recs: readonly Rec[];
  readonly memory: Memory;
}
