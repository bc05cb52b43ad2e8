/**
 * Runs one instruction's micro-ops on a `Cpu`: the reference the compiled
 * engine is measured against.
 *
 * @module
 */

import type { Cpu, Fault, Outcome, Port } from "./cpu.ts";
import { evaluate } from "./evaluate/value.ts";
import type { Micro } from "./micro.ts";

export { evaluate } from "./evaluate/value.ts";

const next: Outcome = { tag: "Next" };

type Of<Op extends Micro["op"]> = Extract<Micro, { readonly op: Op }>;

/** The micro-ops that ask the port and may be refused. */
type Asking = Of<
  | "load"
  | "store"
  | "loadExclusive"
  | "storeExclusive"
  | "atomic"
  | "compareSwap"
  | "mrs"
  | "msr"
  | "msrImm"
  | "sys"
>;

/** Keeps one answer of the port, or returns its refusal. */
const keep = (
  answer: bigint | Fault,
  temp: number,
  temps: bigint[],
): Fault | null => {
  if (typeof answer !== "bigint") return answer;
  temps[temp] = answer;
  return null;
};

/** Keeps one or two answers of the port, or returns its refusal. */
const keepAll = (
  answers: readonly bigint[] | Fault,
  into: readonly number[],
  temps: bigint[],
): Fault | null => {
  if ("tag" in answers) return answers;
  for (let k = 0; k < into.length; k++) temps[into[k]!] = answers[k]!;
  return null;
};

/** Asks the port for one effect; the refusal, or null. */
const ask = (
  micro: Asking,
  cpu: Cpu,
  port: Port,
  temps: bigint[],
): Fault | null => {
  switch (micro.op) {
    case "load": {
      const at = evaluate(micro.at, cpu, temps);
      return keep(port.load(at, micro.bytes, micro.access), micro.temp, temps);
    }
    case "store": {
      const at = evaluate(micro.at, cpu, temps);
      const value = evaluate(micro.value, cpu, temps);
      return port.store(at, micro.bytes, value, micro.access);
    }
    case "mrs":
      return keep(port.mrs(micro.code, micro.rt), micro.temp, temps);
    case "msr": {
      const value = evaluate(micro.value, cpu, temps);
      return port.msr(micro.code, micro.rt, value);
    }
    case "msrImm":
      return port.msrImm(micro.field, micro.imm);
    case "sys": {
      const value = evaluate(micro.value, cpu, temps);
      return port.sys(micro.code, micro.rt, value);
    }
    default:
      return askMonitor(micro, cpu, port, temps);
  }
};

/** As {@link ask}, for exclusives and atomics. */
const askMonitor = (
  micro: Of<"loadExclusive" | "storeExclusive" | "atomic" | "compareSwap">,
  cpu: Cpu,
  port: Port,
  temps: bigint[],
): Fault | null => {
  const at = evaluate(micro.at, cpu, temps);
  switch (micro.op) {
    case "loadExclusive": {
      const count = micro.temps.length;
      const answers = port.loadExclusive(at, micro.bytes, count);
      return keepAll(answers, micro.temps, temps);
    }
    case "storeExclusive": {
      const values = micro.values.map((v) => evaluate(v, cpu, temps));
      const stored = port.storeExclusive(at, micro.bytes, values);
      if (typeof stored !== "boolean") return stored;
      temps[micro.status] = stored ? 0n : 1n;
      return null;
    }
    case "atomic": {
      const value = evaluate(micro.value, cpu, temps);
      const old = port.atomic(at, micro.bytes, micro.rmw, value);
      return keep(old, micro.temp, temps);
    }
    case "compareSwap": {
      const expected = micro.expected.map((v) => evaluate(v, cpu, temps));
      const desired = micro.desired.map((v) => evaluate(v, cpu, temps));
      const old = port.compareSwap(at, micro.bytes, expected, desired);
      return keepAll(old, micro.temps, temps);
    }
  }
};

/**
 * Runs the micro-ops of one instruction. On `Next` the PC has moved; on any
 * other outcome registers, flags and PC are as before, because `lift` puts
 * whatever can be refused ahead of the first register write.
 */
export const execute = (
  micros: readonly Micro[],
  cpu: Cpu,
  port: Port,
): Outcome => {
  const temps: bigint[] = [];
  let to = cpu.pc + 4n;
  for (let at = 0; at < micros.length; at++) {
    const micro = micros[at]!;
    switch (micro.op) {
      case "setX":
        cpu.x[micro.n] = evaluate(micro.value, cpu, temps);
        break;
      case "let":
        temps[micro.temp] = evaluate(micro.value, cpu, temps);
        break;
      case "setNzcv":
        cpu.nzcv = Number(evaluate(micro.value, cpu, temps));
        break;
      case "setSp":
        cpu.sp[cpu.spIndex] = evaluate(micro.value, cpu, temps);
        break;
      case "branch":
        if (evaluate(micro.when, cpu, temps) !== 0n) {
          to = evaluate(micro.to, cpu, temps);
        }
        break;
      case "jump":
        to = evaluate(micro.to, cpu, temps);
        break;
      case "clearExclusive":
        port.clearExclusive();
        break;
      case "barrier": // one observer, in program order
        break;
      case "exception":
        return { tag: "Exception", kind: micro.kind, imm: micro.imm };
      case "undefined":
        return { tag: "Undefined", why: micro.why };
      case "wait":
        return { tag: "Wait", kind: micro.kind, rt: micro.rt };
      case "eret":
        return { tag: "Eret" };
      default: {
        const fault = ask(micro, cpu, port, temps);
        if (fault !== null) return fault;
      }
    }
  }
  cpu.pc = BigInt.asUintN(64, to);
  return next;
};
