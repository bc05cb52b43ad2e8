/**
 * The shape of a vector of the RMM side.
 *
 * @module
 */

import * as Schema from "effect/Schema";
import { Word } from "../decode.ts";

const Regs = Schema.Array(Word).check(Schema.isBetweenLength(31, 31));

/** The realm when the first exception happens. */
const start = {
  spsr: Word,
  pc: Word,
  regs: Regs,
  ipa_bits: Schema.Int.check(Schema.isBetween({ minimum: 32, maximum: 52 })),
  vbar_el1: Word,
  sctlr_el1: Word,
  sctlr2_el1: Word,
  gcscr_el1: Word,
  feat: Schema.Array(
    Schema.Literals([
      "ssbs",
      "nmi",
      "mte2",
      "ebep",
      "sebep",
      "gcs",
      "sctlr2",
    ]),
  ),
};

/** One exception, with the state of the page it happened at. */
const exception = {
  exc: Schema.Literals(["sync", "irq", "fiq", "serror", "other"]),
  esr: Word,
  far: Word,
  hpfar: Word,
  ripas: Schema.Literals(["empty", "ram", "destroyed", "dev"]),
  ripas_assigned: Schema.Boolean,
};

/** What the host writes to the enter half. */
const enter = { enter_flags: Word, enter_gprs0: Word };

/** Registers by number. */
const SetRegs = Schema.Record(Schema.String, Word).check(
  Schema.isPropertyNames(
    Schema.String.check(
      Schema.isPattern(/^([0-9]|[12][0-9]|30)$/, {
        expected: "a register number from 0 to 30",
      }),
    ),
  ),
);

const Out = Schema.Record(Schema.String, Schema.Unknown);

/** One exception and, if the host got it, one entry. */
export const FlatVector = Schema.Struct({
  in: Schema.Struct({ ...start, ...exception, ...enter }),
  out: Out,
});

const ExceptionOp = Schema.Struct({
  op: Schema.Literal("exception"),
  in: Schema.Struct({
    ...exception,
    set_regs: SetRegs,
    set_pc: Schema.optionalKey(Word),
    set_spsr: Schema.optionalKey(Word),
  }),
  out: Out,
});

const EnterOp = Schema.Struct({
  op: Schema.Literal("enter"),
  in: Schema.Struct(enter),
  out: Out,
});

/** Exceptions and entries in turn, on one state. */
export const SequenceVector = Schema.Struct({
  in: Schema.Struct(start),
  ops: Schema.Array(Schema.Union([ExceptionOp, EnterOp])),
});

/** The realm when the first exception happens. */
export type Start = typeof SequenceVector.Type["in"];

/** An exception of a vector. */
export type ExceptionInput = {
  readonly [
    Key in keyof typeof exception
  ]: typeof FlatVector.Type["in"][Key];
};

/** An exception of a sequence, with what the realm did before it. */
export type ExceptionStep = typeof ExceptionOp.Type["in"];

/** An entry of a vector. */
export type EnterInput = typeof EnterOp.Type["in"];
