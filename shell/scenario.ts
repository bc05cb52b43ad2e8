/**
 * Scenario files: a run as JSON, with a guest program or with a list of events.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type { ExitReason } from "../core/host/kvm_run.ts";
import { exit_reasons } from "../core/trace/kvm_names.ts";
import type { Event } from "../core/world.ts";
import type { RunOptions } from "./run_options.ts";
import { decoder, parseJson, within, Word } from "./decode.ts";
import type { BadInput } from "./services.ts";

/** A run as a scenario file describes it. */
export interface Scenario {
  /** Path of the guest, relative to the scenario file; absent for a realm of bare events. */
  readonly guest?: string;
  /** Options the file chooses; the command line wins over them. */
  readonly options: Partial<RunOptions>;
  /** Text for the UART's receiver. */
  readonly input?: string;
  /** The exact events to play; absent, a well-behaved host decides. */
  readonly events?: readonly Event[];
  /** Id of the invariant to check on every step, as `recrun explore` does. */
  readonly invariant?: string;
}

const rec = within(0, 15);
const syndrome = { rec, esr: Word, far: Word, hpfar: Word };

/** The fields of every event, by its tag. */
const event_fields = {
  Run: { rec, budget: within(1, 1_000_000_000) },
  Script: {
    rec,
    pc: Word,
    pstate: Word,
    sctlr_el1: Word,
    x: Schema.Array(Word).check(Schema.isMaxLength(31)),
  },
  Dabt: syndrome,
  Iabt: syndrome,
  Wfx: syndrome,
  SysregTrap: syndrome,
  Smc: syndrome,
  Hvc: syndrome,
  Sync: syndrome,
  Irq: { rec },
  Fiq: { rec },
  Serror: { rec, esr: Word },
  RecEnter: { rec },
  RecExit: { rec },
  KvmRun: { rec, immediate_exit: Schema.Boolean },
  Signal: { rec },
  FailRecEnter: {
    rec,
    status: Schema.Literals([
      "RMI_ERROR_INPUT",
      "RMI_ERROR_REALM",
      "RMI_ERROR_REC",
      "RMI_ERROR_RTT",
    ]),
    index: within(0, 255),
  },
  SetVcpuEvents: {
    rec,
    ext_dabt_pending: Schema.Boolean,
    serror_pending: Schema.Boolean,
  },
  SetOneReg: { rec, n: within(0, 30), value: Word },
  GetOneReg: { rec, n: within(0, 30) },
  WriteKvmRun: {
    rec,
    exit_reason: Schema.NullOr(
      Schema.Literals(Object.keys(exit_reasons) as ExitReason[]),
    ),
    data: Schema.NullOr(Word),
  },
  VmmHandle: { rec },
  MmioComplete: { rec, data: Schema.NullOr(Word) },
  RmiRecEnter: {
    rec,
    flags: Word,
    gprs: Schema.Array(Word).check(
      Schema.isMinLength(31),
      Schema.isMaxLength(31),
    ),
  },
  RmiPsciComplete: { calling: rec, target: rec, status: within(-4, 0) },
  RmiRttSetRipas: { rec, base: Word, top: Word },
  Tick: { seconds: within(1, 0xffff_ffff) },
  UartRx: { bytes: Schema.Array(within(0, 255)) },
} as const satisfies Record<Event["tag"], unknown>;

const tags = Object.keys(event_fields) as Event["tag"][];

const head = Schema.Struct({
  recrun: Schema.Literal(1),
  guest: Schema.optionalKey(Schema.String),
  rmm: Schema.optionalKey(Schema.String),
  spec: Schema.optionalKey(Schema.Boolean),
  kvm: Schema.optionalKey(Schema.String),
  board: Schema.optionalKey(Schema.String),
  devices: Schema.optionalKey(Schema.Literals(["user", "kernel"])),
  ipa_bits: Schema.optionalKey(within(32, 48)),
  recs: Schema.optionalKey(within(1, 16)),
  input: Schema.optionalKey(Schema.String),
  invariant: Schema.optionalKey(Schema.String),
  events: Schema.optionalKey(Schema.Array(Schema.Unknown)),
});

const tagged = Schema.StructWithRest(
  Schema.Struct({ tag: Schema.Literals(tags) }),
  [Schema.Record(Schema.String, Schema.Unknown)],
);

const decodeTag = decoder(tagged as Schema.Codec<typeof tagged.Type, unknown>);

const decodeHead = decoder(head as Schema.Codec<typeof head.Type, unknown>);

/** Decodes one event; `where` is named in refusals. */
export const decodeEvent: (
  value: unknown,
  where: string,
) => Effect.Effect<Event, BadInput> = Effect.fnUntraced(
  function* (value, where) {
    const { tag } = yield* decodeTag(value, where);
    const schema = Schema.Struct({
      tag: Schema.Literal(tag),
      ...event_fields[tag],
    });
    return yield* decoder(schema as unknown as Schema.Codec<Event, unknown>)(
      value,
      where,
    );
  },
);

/** Parses the text of a scenario file; `path` is named in refusals. */
export const parseScenario: (
  text: string,
  path: string,
) => Effect.Effect<Scenario, BadInput> = Effect.fnUntraced(
  function* (text, path) {
    const json = yield* parseJson(text, path);
    const head = yield* decodeHead(json, path);
    const { recrun: _, guest, input, events, invariant, ...options } = head;
    const decoded: Event[] = [];
    for (const [index, event] of (events ?? []).entries()) {
      const where = `${path} ["events"][${index}]`;
      decoded.push(yield* decodeEvent(event, where));
    }
    return {
      options: options as Partial<RunOptions>,
      ...(guest === undefined ? {} : { guest }),
      ...(input === undefined ? {} : { input }),
      ...(events === undefined ? {} : { events: decoded }),
      ...(invariant === undefined ? {} : { invariant }),
    };
  },
);
