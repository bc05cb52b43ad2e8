/**
 * Loads and stores of two general registers.
 *
 * @module
 */

import { pairBytes, pairOffset } from "../encoding/offset.ts";
import type { InsnOf } from "../encoding.ts";
import type { Access, Micro, Value } from "../micro.ts";
import {
  add,
  constant,
  letTemp,
  setX,
  setXOrSp,
  temp,
  x,
  xOrSp,
} from "./value.ts";

/** An abort on a pair reports no register. */
const access: Access = { transfer: null };

/** Both accesses from temporary 0 up, then both register writes. */
const transfers = (insn: InsnOf<"pair">): readonly Micro[] => {
  const { opc, l, rt, rt2 } = insn;
  const bytes = pairBytes(insn);
  const first = temp(0);
  const second = add(temp(0), constant(bytes));
  if (l === 0) {
    return [
      { op: "store", bytes, at: first, value: x(rt), access },
      { op: "store", bytes, at: second, value: x(rt2), access },
    ];
  }
  // LDPSW (opc 1) sign-extends; other loads arrive zero-extended.
  const loaded = (n: number): Value =>
    opc === 1 ? { op: "sext32", a: temp(n) } : temp(n);
  return [
    { op: "load", temp: 1, bytes, at: first, access },
    { op: "load", temp: 2, bytes, at: second, access },
    ...setX(rt, 64, loaded(1)),
    ...setX(rt2, 64, loaded(2)),
  ];
};

/** LDP, LDPSW, STP and the no-allocate forms: post-index (1), signed offset (2, 0), pre-index (3). */
export const pair = (insn: InsnOf<"pair">): readonly Micro[] => {
  const { mode, rn } = insn;
  const base = xOrSp(rn);
  const offset = constant(pairOffset(insn));
  switch (mode) {
    case 1:
      return [
        letTemp(0, base),
        ...transfers(insn),
        ...setXOrSp(rn, 64, add(temp(0), offset)),
      ];
    case 3:
      return [
        letTemp(0, add(base, offset)),
        ...transfers(insn),
        ...setXOrSp(rn, 64, temp(0)),
      ];
    default:
      return [letTemp(0, add(base, offset)), ...transfers(insn)];
  }
};
