/**
 * The table of handlers and regions: its free slots, and how they are filled.
 *
 * @module
 */

import { signatures } from "./fixed.ts";
import type { Engine } from "./state.ts";
import { encode, type Func } from "./wasm.ts";

/** Compiles functions of the handlers' type into table slots. */
export const install = (
  e: Pick<Engine, "memory" | "table">,
  functions: readonly Func[],
  slots: readonly number[],
): void => {
  const binary = encode({
    types: signatures,
    functions,
    slots,
    exports_run: false,
  });
  new WebAssembly.Instance(new WebAssembly.Module(binary), {
    e: { m: e.memory, t: e.table },
  });
};

/** A free table slot. */
export const takeSlot = (e: Engine): number => {
  const given = e.slots_free.pop();
  if (given !== undefined) return given;
  if (e.table.length <= e.slots) e.table.grow(e.table.length);
  return e.slots++;
};
