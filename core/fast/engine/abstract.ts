/**
 * Micro-ops with their leaves taken out: what the handler of a shape is
 * compiled from. The order is that of the walk in `shape.ts`.
 *
 * @module
 */

import type { Value } from "../../a64/micro.ts";
import {
  directOffset,
  isStructural,
  type Reach,
  type Runnable,
} from "./shape.ts";

/** Gives out operand numbers in the order of the walk. */
interface Count {
  next: number;
}

const abstractValue = (v: Value, count: Count): Value => {
  const cell = (): Value => ({ op: "x", n: count.next++ });
  switch (v.op) {
    case "x":
    case "sp":
      return cell();
    case "const":
      return isStructural(v.value) ? v : cell();
    case "pc":
    case "carry":
    case "nzcv":
    case "temp":
    case "cond":
      return v;
    case "select": {
      const when = abstractValue(v.when, count);
      const a = abstractValue(v.a, count);
      return { ...v, when, a, b: abstractValue(v.b, count) };
    }
    case "nzcvAdd": {
      const a = abstractValue(v.a, count);
      const b = abstractValue(v.b, count);
      return { ...v, a, b, carry: abstractValue(v.carry, count) };
    }
    case "crc": {
      const acc = abstractValue(v.acc, count);
      return { ...v, acc, data: abstractValue(v.data, count) };
    }
    default: {
      const a = abstractValue(v.a, count);
      return "b" in v ? { ...v, a, b: abstractValue(v.b, count) } : { ...v, a };
    }
  }
};

const abstractTarget = (to: Value, reach: Reach, count: Count): Value => {
  if (directOffset(to) === null) return abstractValue(to, count);
  return reach === "far" ? { op: "x", n: count.next++ } : to;
};

const abstractMicro = (
  micro: Runnable,
  reach: Reach,
  count: Count,
): Runnable => {
  switch (micro.op) {
    case "setX": {
      const n = count.next++;
      return { ...micro, n, value: abstractValue(micro.value, count) };
    }
    case "let":
    case "setSp":
    case "setNzcv":
      return { ...micro, value: abstractValue(micro.value, count) };
    case "load":
      return { ...micro, at: abstractValue(micro.at, count) };
    case "store": {
      const at = abstractValue(micro.at, count);
      return { ...micro, at, value: abstractValue(micro.value, count) };
    }
    case "jump":
      return { ...micro, to: abstractTarget(micro.to, reach, count) };
    case "branch": {
      const when = abstractValue(micro.when, count);
      return { ...micro, when, to: abstractTarget(micro.to, reach, count) };
    }
    case "barrier":
      return micro;
  }
};

/** The micro-ops with operand `n` in the place of the n-th leaf, X`n`. */
export const abstract = (
  micros: readonly Runnable[],
  reach: Reach,
): readonly Runnable[] => {
  const count: Count = { next: 0 };
  return micros.map((micro) => abstractMicro(micro, reach, count));
};
