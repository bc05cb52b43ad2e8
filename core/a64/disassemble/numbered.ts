/**
 * The names of the system registers that come in numbered families.
 *
 * Source: Arm ARM (DDI 0487) D24, register encodings.
 *
 * @module
 */

/** Registers that are numbered: `name`, number, `end`. */
interface Family {
  readonly name: string;
  readonly end: string;
  /** op0, op1 and CRn. */
  readonly op: string;
  /** CRm times 8 plus op2, of number 0. */
  readonly first: number;
  /** From one number to the next. */
  readonly step: number;
  readonly count: number;
}

const family = (
  name: string,
  end: string,
  op: string,
  [first, step, count]: readonly [number, number, number],
): Family => ({ name, end, op, first, step, count });

const families: readonly Family[] = [
  family("dbgbvr", "_el1", "2 0 0", [4, 8, 16]),
  family("dbgbcr", "_el1", "2 0 0", [5, 8, 16]),
  family("dbgwvr", "_el1", "2 0 0", [6, 8, 16]),
  family("dbgwcr", "_el1", "2 0 0", [7, 8, 16]),
  family("icc_ap0r", "_el1", "3 0 12", [68, 1, 4]),
  family("icc_ap1r", "_el1", "3 0 12", [72, 1, 4]),
  family("amevcntr0", "_el0", "3 3 13", [32, 1, 4]),
  family("amevtyper0", "_el0", "3 3 13", [48, 1, 4]),
  family("amevcntr1", "_el0", "3 3 13", [96, 1, 16]),
  family("amevtyper1", "_el0", "3 3 13", [112, 1, 16]),
  family("pmevcntr", "_el0", "3 3 14", [64, 1, 31]),
  family("pmevtyper", "_el0", "3 3 14", [96, 1, 31]),
  family("ich_ap0r", "_el2", "3 4 12", [64, 1, 4]),
  family("ich_ap1r", "_el2", "3 4 12", [72, 1, 4]),
  family("ich_lr", "_el2", "3 4 12", [96, 1, 16]),
  family("amevcntvoff0", "_el2", "3 4 13", [64, 1, 16]),
  family("amevcntvoff1", "_el2", "3 4 13", [80, 1, 16]),
];

const members = (
  { name, end, op, first, step, count }: Family,
): readonly (readonly [string, string])[] =>
  Array.from({ length: count }, (_, n) => {
    const at = first + n * step;
    return [`${op} ${at >> 3} ${at & 7}`, `${name}${n}${end}`];
  });

/** Every member's name, by `op0 op1 CRn CRm op2`. */
export const numbered: Readonly<Record<string, string>> = Object.fromEntries(
  families.flatMap(members),
);
