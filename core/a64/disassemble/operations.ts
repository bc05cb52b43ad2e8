/**
 * The names of the system operations: IC, DC, AT, TLBI and the prediction
 * restrictions, by op1, CRn, CRm and op2.
 *
 * Source: Arm ARM (DDI 0487) C5.3 to C5.6.
 *
 * @module
 */

import type { InsnOf } from "../encoding.ts";
import { grid } from "./grid.ts";

/** Grids of `op1 CRn CRm`, by instruction. */
const grids = {
  ic: grid(`
  0 7 1: ialluis
  0 7 5: iallu
  3 7 5: - ivau
  `),
  dc: grid(`
  0 7 6: - ivac isw igvac igsw igdvac igdsw
  0 7 10: - - csw - cgsw - cgdsw
  0 7 14: - - cisw - cigsw - cigdsw
  3 7 4: - zva - gva gzva
  3 7 10: - cvac - cgvac - cgdvac
  3 7 11: - cvau
  3 7 12: - cvap - cgvap - cgdvap
  3 7 13: - cvadp - cgvadp - cgdvadp
  3 7 14: - civac - cigvac - cigdvac
  6 7 14: - cipapa - - - cigdpapa
  `),
  at: grid(`
  0 7 8: s1e1r s1e1w s1e0r s1e0w
  0 7 9: s1e1rp s1e1wp
  4 7 8: s1e2r s1e2w - - s12e1r s12e1w s12e0r s12e0w
  6 7 8: s1e3r s1e3w
  `),
  tlbi: grid(`
  0 8 1: vmalle1os vae1os aside1os vaae1os - vale1os - vaale1os
  0 8 2: - rvae1is - rvaae1is - rvale1is - rvaale1is
  0 8 3: vmalle1is vae1is aside1is vaae1is - vale1is - vaale1is
  0 8 5: - rvae1os - rvaae1os - rvale1os - rvaale1os
  0 8 6: - rvae1 - rvaae1 - rvale1 - rvaale1
  0 8 7: vmalle1 vae1 aside1 vaae1 - vale1 - vaale1
  4 8 0: - ipas2e1is ripas2e1is - - ipas2le1is ripas2le1is
  4 8 1: alle2os vae2os - - alle1os vale2os vmalls12e1os
  4 8 2: - rvae2is - - - rvale2is
  4 8 3: alle2is vae2is - - alle1is vale2is vmalls12e1is
  4 8 4: ipas2e1os ipas2e1 ripas2e1 ripas2e1os ipas2le1os ipas2le1 ripas2le1 ripas2le1os
  4 8 5: - rvae2os - - - rvale2os
  4 8 6: - rvae2 - - - rvale2
  4 8 7: alle2 vae2 - - alle1 vale2 vmalls12e1
  6 8 1: alle3os vae3os - - paallos vale3os
  6 8 2: - rvae3is - - - rvale3is
  6 8 3: alle3is vae3is - - - vale3is
  6 8 4: - - - rpaos - - - rpalos
  6 8 5: - rvae3os - - - rvale3os
  6 8 6: - rvae3 - - - rvale3
  6 8 7: alle3 vae3 - - paall vale3
  `),
  cfp: grid(`
  3 7 3: - - - - rctx
  `),
  dvp: grid(`
  3 7 3: - - - - - rctx
  `),
  cpp: grid(`
  3 7 3: - - - - - - - rctx
  `),
};

/** The instruction and operation a SYS stands for, such as `["dc", "civac"]`, or null. */
export const systemOperation = (
  { op1, crn, crm, op2 }: InsnOf<"system">,
): readonly [string, string] | null => {
  const key = `${op1} ${crn} ${crm} ${op2}`;
  for (const [name, operations] of Object.entries(grids)) {
    const operation = operations[key];
    if (operation !== undefined) return [name, operation];
  }
  return null;
};
