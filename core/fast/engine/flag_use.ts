/**
 * Which micro-ops have to do with the flags.
 *
 * @module
 */

import type { Micro, Value } from "../../a64/micro.ts";
import type { Runnable } from "./shape.ts";

const asksFlags = (value: Value): boolean => {
  switch (value.op) {
    case "cond":
    case "carry":
    case "nzcv":
      return true;
    case "const":
    case "x":
    case "sp":
    case "pc":
    case "temp":
      return false;
    case "select":
      return [value.when, value.a, value.b].some(asksFlags);
    case "nzcvAdd":
      return [value.a, value.b, value.carry].some(asksFlags);
    case "crc":
      return asksFlags(value.acc) || asksFlags(value.data);
    default:
      return asksFlags(value.a) || ("b" in value && asksFlags(value.b));
  }
};

/** True of a micro-op whose operands include a flag. */
export const readsFlags = (micro: Micro): boolean =>
  ("value" in micro && asksFlags(micro.value)) ||
  ("at" in micro && asksFlags(micro.at)) ||
  ("when" in micro && asksFlags(micro.when));

/** True of a micro-op that has to do with the flags. */
export const usesFlags = (micro: Runnable): boolean =>
  micro.op === "setNzcv" || readsFlags(micro);
