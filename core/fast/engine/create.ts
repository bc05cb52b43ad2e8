/**
 * A new engine: its linear memory and the functions that every engine has.
 *
 * @module
 */

import { draft, zeroed } from "../../realm/memory.ts";
import { pages } from "../../realm/pages.ts";
import { noDevices } from "./device.ts";
import {
  crossHandler,
  freshHandler,
  packHandler,
  runHandler,
  signatures,
  slowHandler,
} from "./fixed.ts";
import {
  CELL,
  cellAt,
  code_entries,
  code_pages_max,
  code_tlb,
  page_records_bytes,
  ram_base,
  ram_bytes_max,
  read_tlb,
  records_base,
  SLOT,
  tlb_entries,
  write_tlb,
} from "./layout.ts";
import { runLoop } from "./loop.ts";
import { shapes } from "./shape.ts";
import type { Engine, Tuning } from "./state.ts";
import { noTemplates } from "./template.ts";
import { emptyTlb } from "./tlb.ts";
import { encode } from "./wasm.ts";
import { noWords } from "./words.ts";

const wasm_page = 65536;

const zeros: readonly bigint[] = Array.from({ length: 31 }, () => 0n);

const rooms = (): number[] =>
  Array.from(
    { length: code_pages_max },
    (_, at) => records_base + (code_pages_max - 1 - at) * page_records_bytes,
  );

/** An engine with room for `ram_bytes` of RAM, or null where that is too much. */
export const create = (ram_bytes: number, tuning: Tuning): Engine | null => {
  if (ram_bytes > ram_bytes_max) return null;
  const initial = Math.ceil((ram_base + ram_bytes) / wasm_page);
  const memory = new WebAssembly.Memory({ initial, maximum: initial });
  const table = new WebAssembly.Table({ initial: 1024, element: "anyfunc" });
  const binary = encode({
    types: signatures,
    functions: [
      runHandler(),
      runLoop(),
      slowHandler(),
      freshHandler(),
      crossHandler(),
      packHandler(),
    ],
    slots: [null, SLOT.loop, SLOT.slow, SLOT.fresh, SLOT.cross, SLOT.pack],
    exports_run: true,
  });
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(binary),
    { e: { m: memory, t: table } },
  );
  const buffer = memory.buffer as ArrayBuffer;
  const u64 = new BigUint64Array(buffer);
  return {
    tuning,
    ram_bytes,
    memory,
    table,
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    u64,
    x: new BigUint64Array(buffer, 0, 31),
    given: { x: zeros, u32: new Uint32Array(2 * zeros.length) },
    sp: new BigUint64Array(buffer, cellAt(CELL.sp_el0), 2),
    run: exports["run"] as (record: number) => number,
    shapes: shapes((cell, value) => {
      u64[cell] = value;
    }),
    handlers: new Map(),
    words: noWords(),
    templates: noTemplates(),
    slots: SLOT.first,
    slots_free: [],
    code: new Map(),
    rooms: rooms(),
    rooms_taken: new Map(),
    read: emptyTlb(u64, read_tlb, tlb_entries),
    write: emptyTlb(u64, write_tlb, tlb_entries),
    execute: emptyTlb(u64, code_tlb, code_entries),
    devices: noDevices(),
    stopped: { pc: 0n, record: 0, flushes: -1 },
    pages: pages(),
    tables: 0,
    resident: new Uint8Array(0),
    views: new Map(),
    slab: new ArrayBuffer(0),
    slab_taken: 0,
    looked: false,
    holds: null,
    draft: draft(zeroed(0, 0)),
    recipe: null,
    runs: 0,
    turns: 0,
    running: false,
    context: null,
    session: null,
  };
};
