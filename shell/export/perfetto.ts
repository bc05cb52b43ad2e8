/**
 * A run in the Chrome trace event format, which Perfetto reads: one process
 * per REC with a track for each actor, and one for the board.
 *
 * A microsecond of the trace is an instruction, or an event that retired none.
 * KVM_RUN encloses what KVM does and RMI_REC_ENTER what the RMM does, so that
 * the spans of a track nest or lie apart.
 *
 * @module
 */

import type { Event, World } from "../../core/world.ts";
import type { Writer } from "./sequence.ts";
import { accessOf, placeOf, recOf, type Taken, whatOf } from "./taken.ts";

/** Tracks of a REC's process. */
const tracks = ["realm", "RMM", "KVM", "VMM"] as const;
type Track = typeof tracks[number];

/** The process of the board; RECs come before it. */
const board_pid = 100;

const pidOf = (rec: number): number => rec + 1;
const tidOf = (track: Track): number => tracks.indexOf(track) + 1;

/** A span that has begun. */
interface Open {
  readonly name: string;
  readonly from: number;
}

/** What one writer remembers between steps; private to it. */
interface Memory {
  first: boolean;
  /** KVM_RUN and RMI_REC_ENTER under way, by REC. */
  readonly kvm_run: Map<number, Open>;
  readonly rec_enter: Map<number, Open>;
}

/** Whose track an event is a span of. */
const trackOf = (event: Event): Track | "board" | null => {
  switch (event.tag) {
    case "Run":
    case "Script":
      return "realm";
    case "RecExit":
    case "Signal":
    case "KvmRun":
      return "KVM";
    case "VmmHandle":
    case "MmioComplete":
    case "SetVcpuEvents":
    case "SetOneReg":
    case "GetOneReg":
    case "WriteKvmRun":
      return "VMM";
    case "Tick":
    case "UartRx":
      return "board";
    default:
      return "RMM";
  }
};

const metadata = (
  pid: number,
  tid: number,
  what: "process_name" | "thread_name",
  name: string,
): string => JSON.stringify({ ph: "M", pid, tid, name: what, args: { name } });

const headLines = (world: World): readonly string[] => [
  ...world.realm.recs.flatMap((_, rec) => [
    metadata(pidOf(rec), 0, "process_name", `rec${rec}`),
    ...tracks.map((track) =>
      metadata(pidOf(rec), tidOf(track), "thread_name", track)
    ),
  ]),
  metadata(board_pid, 0, "process_name", "board"),
  metadata(board_pid, 1, "thread_name", "devices"),
];

const span = (
  [pid, tid]: readonly [pid: number, tid: number],
  name: string,
  ts: number,
  dur: number,
  args: Readonly<Record<string, unknown>> = {},
): string => JSON.stringify({ ph: "X", pid, tid, name, ts, dur, args });

const begins = ({ event, result }: Taken, tags: readonly string[]): boolean =>
  result.tag === "Stepped" && tags.includes(event.tag);

/** Closes what the step, or the end of the run, has ended. */
const closed = (
  open: Map<number, Open>,
  ends: (rec: number) => boolean,
  at: number,
  seats: readonly Track[],
): readonly string[] =>
  [...open].filter(([rec]) => ends(rec)).flatMap(([rec, { name, from }]) => {
    open.delete(rec);
    return seats.map((seat) =>
      span([pidOf(rec), tidOf(seat)], name, from, at - from)
    );
  });

/** KVM_RUN is seen by the VMM, which waits for it, and by KVM; RMI_REC_ENTER by KVM and the RMM. */
const seats = {
  kvm_run: ["VMM", "KVM"],
  rec_enter: ["KVM", "RMM"],
} as const;

const stepLines = (memory: Memory, taken: Taken): readonly string[] => {
  const { index, time, cost, event, result } = taken;
  const rec = recOf(event);
  const track = trackOf(event);
  const args = { event: index, what: whatOf(taken) };
  const lines: string[] = [];
  if (rec !== null && begins(taken, ["KvmRun"])) {
    memory.kvm_run.set(rec, { name: "KVM_RUN", from: time });
  }
  if (
    rec !== null && begins(taken, ["RecEnter", "RmiRecEnter", "FailRecEnter"])
  ) {
    memory.rec_enter.set(rec, { name: "RMI_REC_ENTER", from: time });
  }
  const seat = rec === null || track === "board" || track === null
    ? [board_pid, 1] as const
    : [pidOf(rec), tidOf(track)] as const;
  lines.push(span(seat, event.tag, time, cost, args));
  if (accessOf(taken) !== null) {
    lines.push(span([board_pid, 1], "access", time, cost, args));
  }
  const after = result.world;
  const end = time + cost;
  lines.push(
    ...closed(
      memory.rec_enter,
      (n) => placeOf(after, n) !== "guest",
      end,
      seats.rec_enter,
    ),
    ...closed(
      memory.kvm_run,
      (n) => placeOf(after, n) === "user",
      end,
      seats.kvm_run,
    ),
  );
  return lines;
};

/** A writer of one trace; it remembers the spans that are open. */
export const perfetto = (): Writer => {
  const memory: Memory = {
    first: true,
    kvm_run: new Map(),
    rec_enter: new Map(),
  };
  const joined = (lines: readonly string[]): string =>
    lines.map((line) => {
      const gap = memory.first ? "" : ",\n";
      memory.first = false;
      return `${gap}${line}`;
    }).join("");
  return {
    head: (world) =>
      `{"displayTimeUnit":"ns","traceEvents":[\n${joined(headLines(world))}`,
    step: (taken) => joined(stepLines(memory, taken)),
    tail: (time) => {
      const all = (): boolean => true;
      const lines = [
        ...closed(memory.rec_enter, all, time, seats.rec_enter),
        ...closed(memory.kvm_run, all, time, seats.kvm_run),
      ];
      return `${joined(lines)}\n]}\n`;
    },
  };
};
