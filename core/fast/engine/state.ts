/**
 * The engine: linear memory, the table of handlers and what is known of both.
 *
 * An engine is a cache. It remembers the world it produced last, the pages of
 * RAM that are resident, translations and compiled code; no result depends on
 * what it remembers.
 *
 * @module
 */

import type { Port } from "../../a64/cpu.ts";
import type { Draft, Memory, Page } from "../../realm/memory.ts";
import type { Machine } from "../../realm/machine.ts";
import type { Pages } from "../../realm/pages.ts";
import type { Rec } from "../../realm/rec.ts";
import type { Feature } from "../../rmm/profile.ts";
import type { Stage2 } from "../../rmm/stage2.ts";
import type { RmmRec } from "../../rmm/state.ts";
import type { World } from "../../world.ts";
import type { Devices } from "./device.ts";
import type { Shapes } from "./shape.ts";
import type { Tlb } from "./tlb.ts";
import type { Words } from "./words.ts";

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

/** The record of a probe word (`template.ts`), and what its operands stand for. */
export interface Template {
  readonly slot: number;
  readonly delta: number;
  /** Operands: a cell, or which part of the word goes there. */
  readonly operands: readonly number[];
}

/** Templates by the kind of word, null where it has none, and cells of small immediates. */
export interface Templates {
  readonly kinds: Map<number, Template | null>;
  /** 0 where there is none yet. */
  readonly cells: Uint16Array;
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

/** Runs REC `rec` of a world for `turns` turns, on an engine that is not running. */
export type Again = (
  e: Engine,
  world: World,
  rec: number,
  turns: number,
) => void;

/** How a memory is made: by the run that wrote it. */
export interface Recipe {
  readonly e: Engine;
  readonly again: Again;
  /** The world it began with; null once the memory was made. */
  world: World | null;
  readonly rec: number;
  readonly turns: number;
  /** The recipe of that world's memory, where it was not made. */
  prior: Recipe | null;
  memory: Memory;
}

/** A run in progress. */
export interface Session {
  readonly e: Engine;
  readonly m: Machine;
  readonly port: Port;
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
