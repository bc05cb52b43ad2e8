/**
 * Fault status codes in words.
 *
 * Source: Arm ARM (DDI 0487) D24.2.40, DFSC.
 *
 * @module
 */

const levelled: readonly (readonly [number, string])[] = [
  [0x00, "address size fault"],
  [0x04, "translation fault"],
  [0x08, "access flag fault"],
  [0x0c, "permission fault"],
  [0x14, "external abort on a table walk"],
  [0x1c, "parity error on a table walk"],
  [0x24, "granule protection fault on a table walk"],
];

const single: Readonly<Record<number, string>> = {
  0x10: "synchronous external abort",
  0x11: "synchronous tag check fault",
  0x12: "external abort on a table walk, level -2",
  0x13: "external abort on a table walk, level -1",
  0x18: "synchronous parity error",
  0x1a: "parity error on a table walk, level -2",
  0x1b: "parity error on a table walk, level -1",
  0x21: "alignment fault",
  0x22: "granule protection fault on a table walk, level -2",
  0x23: "granule protection fault on a table walk, level -1",
  0x28: "granule protection fault",
  0x29: "address size fault, level -1",
  0x2a: "translation fault, level -2",
  0x2b: "translation fault, level -1",
  0x2c: "address size fault, level -2",
  0x30: "TLB conflict",
  0x31: "unsupported hardware update",
  0x34: "implementation defined fault (lockdown)",
  0x35: "unsupported exclusive or atomic access",
};

/** A fault status code in words. */
export const faultName = (fsc: number): string => {
  const known = single[fsc];
  if (known !== undefined) return known;
  const row = levelled.find(([base]) => base <= fsc && fsc <= base + 3);
  return row === undefined ? "reserved" : `${row[1]}, level ${fsc - row[0]}`;
};
