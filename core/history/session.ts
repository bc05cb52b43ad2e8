/**
 * A session: a history and what is being looked at in it; a value.
 *
 * @module
 */

import { step } from "../step.ts";
import type { Event, Step, World } from "../world.ts";
import {
  byEvent,
  byStep,
  type History,
  opened as openedAt,
  seek,
} from "./history.ts";
import { emptyLedgers, type Ledgers, ledgersTo } from "./ledger.ts";
import type { Place, Tape } from "./play.ts";

/** What fills the body of the screen. */
export type Body = "both" | "ledger" | "diff" | "help";

/** A question being typed an answer to. */
export interface Prompt {
  readonly tag: "goto" | "forward" | "backward" | "who";
  readonly text: string;
}

/** A step in one line, as a trace has it. */
export type Tell = (
  index: number,
  before: World,
  event: Event,
  result: Step,
) => string;

/** What one looks at. */
export interface Session {
  /** Name of the file. */
  readonly name: string;
  readonly history: History;
  /** Digest of the world after each event, as text, where the file has one. */
  readonly digests: readonly (string | null)[];
  /** The moment before the last step or event, or null at the start. */
  readonly prior: Place | null;
  /** REC whose registers are shown. */
  readonly rec: number;
  readonly body: Body;
  /** First line of the body that is shown. */
  readonly scroll: number;
  /** The other moment of a diff, or null. */
  readonly mark: Place | null;
  /** The ledger of the moment when it was last on the screen. */
  readonly ledgers: Ledgers;
  /** What there is to say, or nothing. */
  readonly message: string;
  readonly prompt: Prompt | null;
  readonly tell: Tell;
}

/** The moment before: of the instruction inside a `Run`, else of the last event. */
const priorOf = (history: History): Place | null => {
  if (history.now.steps === 0) return null;
  return history.now.turn > 0
    ? byStep(history, -1).now
    : byEvent(history, -1).now;
};

/** The session with another history: the body starts at its top again. */
export const moved = (session: Session, history: History): Session => {
  const { tape, now } = history;
  return {
    ...session,
    history,
    prior: priorOf(history),
    scroll: 0,
    message: "",
    ledgers: session.body === "ledger"
      ? ledgersTo(tape, session.ledgers, now.event)
      : session.ledgers,
  };
};

/** A session at an event of a tape. */
export const begin = (
  name: string,
  tape: Tape,
  digests: readonly (string | null)[],
  event: number,
  tell: Tell,
): Session => {
  const history = openedAt(tape);
  const session: Session = {
    name,
    history,
    digests,
    prior: null,
    rec: 0,
    body: "both",
    scroll: 0,
    mark: null,
    ledgers: emptyLedgers(tape),
    message: "",
    prompt: null,
    tell,
  };
  return moved(session, seek(history, { event }));
};

/** Shows another body. */
export const showing = (session: Session, body: Body): Session => {
  const { tape, now } = session.history;
  return {
    ...session,
    body,
    scroll: 0,
    message: "",
    ledgers: body === "ledger"
      ? ledgersTo(tape, session.ledgers, now.event)
      : session.ledgers,
  };
};

/** The line of the last event, or of the last instruction of a `Run` one is inside. */
export const lastText = ({ history, prior, tell }: Session): string => {
  if (prior === null) return "nothing yet";
  const event = history.tape.events[prior.event];
  if (event === undefined) return "nothing yet";
  const { now } = history;
  // Playing a long Run again would only tell what is known.
  const result: Step = event.tag === "Run" && prior.world !== now.world
    ? { tag: "Stepped", world: now.world, asks: [] }
    : step(prior.world, event);
  return tell(prior.event, prior.world, event, result);
};
