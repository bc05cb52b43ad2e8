/**
 * The engine: linear memory, the table of handlers and what is known of both.
 *
 * An engine is a cache. It remembers the world it produced last, the pages of
 * RAM that are resident, translations and compiled code; no result depends on
 * what it remembers. What it owes, it can pay without: the memory of a world
 * it produced is made from its recipe when it has gone on.
 *
 * @module
 */

import {
  type Draft,
  draft,
  type Memory,
  type Page,
  zeroed,
} from "../../realm/memory.ts";
import { type Pages, pages } from "../../realm/pages.ts";
import type { Rec } from "../../realm/rec.ts";
import type { Feature } from "../../rmm/profile.ts";
import type { Stage2 } from "../../rmm/stage2.ts";
import type { RmmRec } from "../../rmm/state.ts";
import { type Devices, noDevices } from "./device.ts";
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
  page_words,
  ram_base,
  ram_bytes_max,
  read_tlb,
  records_base,
  SLOT,
  tlb_entries,
  write_tlb,
} from "./layout.ts";
import { runLoop } from "./loop.ts";
import type { Recipe } from "./recipe.ts";
import type { Session } from "./session.ts";
import { type Shapes, shapes } from "./shape.ts";
import { noTemplates, type Templates } from "./template.ts";
import { emptyTlb, type Tlb } from "./tlb.ts";

import { encode, type Func } from "./wasm.ts";
import { noWords, type Words } from "./words.ts";

/** A page of RAM that holds code which was decoded. */
export interface CodePage {
  /** Page number from the base of RAM. */
  readonly index: number;
  /** Byte address of its first record. */
  readonly records: number;
  /** The words that were decoded, where `used` is 1. */
  readonly words: Uint32Array;
  readonly used: Uint8Array;
  /** Table slots of its regions. */
  readonly regions: number[];
}

/** How an engine trades. */
export interface Tuning {
  /** Jumps to a record before it is worth a region; 0: never. */
  readonly hot: number;
}

/** What the translations and the session belong to. */
export interface Context {
  readonly rec: number;
  /** The RECs as the engine left them, and that one. */
  readonly recs: readonly Rec[];
  readonly left: Rec;
  readonly kept: RmmRec;
  readonly stage2: Stage2;
  readonly ipa_bits: number;
  readonly features: readonly Feature[];
}

/** Where compiled code stopped: a record of the page it was in, while translations hold. */
export interface Stopped {
  pc: bigint;
  record: number;
  /** Flushes of the TLB of code before. */
  flushes: number;
}

/** One engine. */
export interface Engine {
  readonly tuning: Tuning;
  /** RAM it has room for, in bytes. */
  readonly ram_bytes: number;
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table;
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly u16: Uint16Array<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly u64: BigUint64Array<ArrayBuffer>;
  /** X0 to X30, and SP_EL0 and SP_EL1, where compiled code keeps them. */
  readonly x: BigUint64Array<ArrayBuffer>;
  readonly sp: BigUint64Array<ArrayBuffer>;
  /** X0 to X30 as they went out last, and the same as halves of words. */
  readonly given: { x: readonly bigint[]; readonly u32: Uint32Array };
  /** Runs from a record; why it stopped (`EXIT`). */
  readonly run: (record: number) => number;
  readonly shapes: Shapes;
  /** Table slot of each shape that has a handler. */
  readonly handlers: Map<number, number>;
  readonly words: Words;
  readonly templates: Templates;
  /** Table slots from here on are free, and those given back. */
  slots: number;
  readonly slots_free: number[];
  /** Pages of code by page of RAM, and the rooms for records that are free. */
  readonly code: Map<number, CodePage>;
  readonly rooms: number[];
  /** The page in each room that is taken, by its first record. */
  readonly rooms_taken: Map<number, CodePage>;
  readonly read: Tlb;
  readonly write: Tlb;
  readonly execute: Tlb;
  readonly devices: Devices;
  readonly stopped: Stopped;
  /** The lookups of the slow way, kept from run to run. */
  readonly pages: Pages;
  /** Pages walked for the translations that are in the TLBs. */
  tables: number;
  /** 1 for each page of RAM whose bytes are in linear memory. */
  resident: Uint8Array;
  /** The bytes of resident pages, as they were asked for. */
  readonly views: Map<number, Page>;
  /** Room for pages on their way out, and how much of it is taken. */
  slab: ArrayBuffer;
  slab_taken: number;
  /** True when the slow way has filled lookups since a run began. */
  looked: boolean;
  /** The memory the resident pages are pages of; null where none is known. */
  holds: Memory | null;
  /** The same as a memory that is there, and the pages written since. */
  draft: Draft;
  /** How `holds` is made, where it was not yet; runs and turns since one was. */
  recipe: Recipe | null;
  runs: number;
  turns: number;
  /** True in the middle of a run. */
  running: boolean;
  context: Context | null;
  /** The last run, to go on from where it ended. */
  session: Session | null;
}

const wasm_page = 65536;

const zeros: readonly bigint[] = Array.from({ length: 31 }, () => 0n);

const rooms = (): number[] =>
  Array.from(
    { length: code_pages_max },
    (_, at) => records_base + (code_pages_max - 1 - at) * page_records_bytes,
  );

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

/** First byte of a page of RAM in linear memory. */
export const frameAt = (index: number): number =>
  ram_base + index * page_words * 4;
