/**
 * A machine small enough to check at sight: one page of memory, a monitor and
 * one system register.
 *
 * @module
 */

import type { Cpu, Fault, Port } from "../../core/a64/cpu.ts";
import { modify } from "../../core/a64/evaluate/rmw.ts";
import type { Size } from "../../core/a64/micro.ts";
import {
  data_base,
  page_bytes,
  type State,
  window_bytes,
  window_offset,
} from "./vector.ts";

const fault: Fault = { tag: "Fault" };

const tpidr_el0_code = 0b11_011_1101_0000_010;

/** The CPU and the page of a state. */
export interface Flat {
  readonly cpu: Cpu;
  readonly page: DataView;
  readonly port: Port;
  /** TPIDR_EL0 as it stands. */
  readonly tpidr_el0: () => bigint;
}

const read = (page: DataView, offset: number, bytes: Size): bigint => {
  switch (bytes) {
    case 1:
      return BigInt(page.getUint8(offset));
    case 2:
      return BigInt(page.getUint16(offset, true));
    case 4:
      return BigInt(page.getUint32(offset, true));
    case 8:
      return page.getBigUint64(offset, true);
  }
};

const write = (
  page: DataView,
  offset: number,
  bytes: Size,
  value: bigint,
): void => {
  for (let k = 0; k < bytes; k++) {
    page.setUint8(offset + k, Number((value >> BigInt(8 * k)) & 0xffn));
  }
};

const pageOf = (window: readonly bigint[]): DataView => {
  const page = new DataView(new ArrayBuffer(page_bytes));
  window.forEach((word, k) =>
    page.setBigUint64(window_offset + 8 * k, word, true)
  );
  return page;
};

/** The offset in the page, or null where the access leaves it or must be aligned and is not. */
const offsetOf = (
  at: bigint,
  bytes: number,
  aligned: boolean = true,
): number | null => {
  if (aligned && at % BigInt(bytes) !== 0n) return null;
  const offset = at - data_base;
  return 0n <= offset && offset <= BigInt(page_bytes - bytes)
    ? Number(offset)
    : null;
};

const portOf = (page: DataView, tpidr_el0: { value: bigint }): Port => {
  let marked: bigint | null = null;
  const words = (offset: number, bytes: Size, count: number): bigint[] =>
    Array.from(
      { length: count },
      (_, k) => read(page, offset + k * bytes, bytes),
    );
  const writeAll = (o: number, bytes: Size, values: readonly bigint[]): void =>
    values.forEach((value, k) => write(page, o + k * bytes, bytes, value));
  return {
    load: (at, bytes, { ordered }) => {
      const offset = offsetOf(at, bytes, ordered === true);
      return offset === null ? fault : read(page, offset, bytes);
    },
    store: (at, bytes, value, { ordered }) => {
      const offset = offsetOf(at, bytes, ordered === true);
      if (offset === null) return fault;
      write(page, offset, bytes, value);
      return null;
    },
    loadExclusive: (at, bytes, count) => {
      const offset = offsetOf(at, bytes * count);
      if (offset === null) return fault;
      marked = at;
      return words(offset, bytes, count);
    },
    storeExclusive: (at, bytes, values) => {
      const offset = offsetOf(at, bytes * values.length);
      if (offset === null) return fault;
      const held = marked === at;
      marked = null;
      if (held) writeAll(offset, bytes, values);
      return held;
    },
    clearExclusive: () => {
      marked = null;
    },
    atomic: (at, bytes, rmw, value) => {
      const offset = offsetOf(at, bytes);
      if (offset === null) return fault;
      const old = read(page, offset, bytes);
      write(page, offset, bytes, modify(rmw, bytes, old, value));
      return old;
    },
    compareSwap: (at, bytes, expected, desired) => {
      const offset = offsetOf(at, bytes * expected.length);
      if (offset === null) return fault;
      const old = words(offset, bytes, expected.length);
      if (old.every((word, k) => word === expected[k])) {
        writeAll(offset, bytes, desired);
      }
      return old;
    },
    mrs: (code) => code === tpidr_el0_code ? tpidr_el0.value : fault,
    msr: (code, _rt, value) => {
      if (code !== tpidr_el0_code) return fault;
      tpidr_el0.value = value;
      return null;
    },
    msrImm: () => fault,
    sys: () => fault,
  };
};

/** The machine in a state. */
export const flat = (state: State): Flat => {
  const page = pageOf(state.window);
  const tpidr_el0 = { value: state.tpidr_el0 };
  return {
    cpu: {
      x: [...state.x],
      sp: [state.sp, 0n],
      spIndex: 0,
      pc: state.pc,
      nzcv: state.nzcv,
    },
    page,
    port: portOf(page, tpidr_el0),
    tpidr_el0: () => tpidr_el0.value,
  };
};

/** The state a machine is in; null where it wrote outside the window. */
export const stateOf = ({ cpu, page, tpidr_el0 }: Flat): State | null => {
  for (let offset = 0; offset < window_offset; offset += 8) {
    if (page.getBigUint64(offset, true) !== 0n) return null;
  }
  return {
    x: cpu.x,
    sp: cpu.sp[0],
    pc: cpu.pc,
    nzcv: cpu.nzcv,
    tpidr_el0: tpidr_el0(),
    window: Array.from(
      { length: window_bytes / 8 },
      (_, k) => page.getBigUint64(window_offset + 8 * k, true),
    ),
  };
};
