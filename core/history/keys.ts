/**
 * Keys: what a key does to a session.
 *
 * @module
 */

import { conditionOf } from "./condition.ts";
import {
  backward,
  byEvent,
  byStep,
  forward,
  type Found,
  lastChange,
  seek,
} from "./history.ts";
import { moved, type Prompt, type Session, showing } from "./session.ts";
import { watch_names, watchOf } from "./watch.ts";
import { changeText } from "./who.ts";

const say = (session: Session, message: string): Session => ({
  ...session,
  message,
});

const arrive = (session: Session, found: Found, what: string): Session => {
  const next = moved(session, found.history);
  if (found.found) return next;
  return say(
    next,
    found.gaveUp
      ? `${what}: not found yet; the search gave up`
      : `${what}: not found`,
  );
};

const ask = (session: Session, tag: Prompt["tag"]): Session => ({
  ...session,
  message: "",
  prompt: { tag, text: "" },
});

const scrolled = (session: Session, by: number): Session => ({
  ...session,
  scroll: Math.max(0, session.scroll + by),
});

const marked = (session: Session): Session => {
  const { now } = session.history;
  return say(
    { ...session, mark: now },
    `marked event ${now.event} step ${now.steps}`,
  );
};

const nextRec = (session: Session): Session => {
  const count = session.history.now.world.realm.recs.length;
  return { ...session, rec: (session.rec + 1) % count, scroll: 0 };
};

type Act = (session: Session) => Session;

const move = (to: (session: Session) => Session["history"]): Act => (session) =>
  moved(session, to(session));

const exit_condition = { tag: "Exit" } as const;

/** What each key does; `q` is not among them. */
const acts: Readonly<Record<string, Act>> = {
  i: move(({ history }) => byStep(history, 1)),
  I: move(({ history }) => byStep(history, -1)),
  e: move(({ history }) => byEvent(history, 1)),
  E: move(({ history }) => byEvent(history, -1)),
  right: move(({ history }) => byEvent(history, 1)),
  left: move(({ history }) => byEvent(history, -1)),
  x: (session) =>
    arrive(session, forward(session.history, exit_condition), "next exit"),
  X: (session) =>
    arrive(session, backward(session.history, exit_condition), "last exit"),
  "0": move(({ history }) => seek(history, { event: 0 })),
  "$": move(({ history }) =>
    seek(history, { event: history.tape.events.length })
  ),
  g: (session) => ask(session, "goto"),
  r: (session) => ask(session, "forward"),
  R: (session) => ask(session, "backward"),
  w: (session) => ask(session, "who"),
  m: marked,
  d: (session) => showing(session, "diff"),
  l: (session) => showing(session, "ledger"),
  b: (session) => showing(session, "both"),
  "?": (session) => showing(session, "help"),
  n: nextRec,
  j: (session) => scrolled(session, 1),
  k: (session) => scrolled(session, -1),
  down: (session) => scrolled(session, 1),
  up: (session) => scrolled(session, -1),
};

const goTo = (session: Session, text: string): Session => {
  const match = /^(s?)(\d{1,15})$/.exec(text);
  if (match === null) {
    return say(
      session,
      `expected an event such as 57 or a step such as s1234 but found ${
        JSON.stringify(text)
      }`,
    );
  }
  const to = Number(match[2]);
  const limit = match[1] === "s" ? { steps: to } : { event: to };
  return moved(session, seek(session.history, limit));
};

const runTo = (
  session: Session,
  text: string,
  search: typeof forward,
): Session => {
  const parsed = conditionOf(text, session.rec);
  if (parsed.tag === "Refused") return say(session, parsed.what);
  return arrive(session, search(session.history, parsed.condition), text);
};

const whoWrote = (session: Session, text: string): Session => {
  const watch = watchOf(text, session.rec);
  if (watch === null) {
    return say(
      session,
      `expected ${watch_names} but found ${JSON.stringify(text)}`,
    );
  }
  const { change, gaveUp } = lastChange(session.history, watch);
  if (change !== null) return say(session, changeText(watch, change));
  return say(
    session,
    gaveUp
      ? `${watch.name}: no change found yet; the search gave up`
      : `${watch.name} has not changed since the start`,
  );
};

const answer = (session: Session, { tag, text }: Prompt): Session => {
  switch (tag) {
    case "goto":
      return goTo(session, text);
    case "forward":
      return runTo(session, text, forward);
    case "backward":
      return runTo(session, text, backward);
    case "who":
      return whoWrote(session, text);
  }
};

const typed = (session: Session, prompt: Prompt, key: string): Session => {
  const { text } = prompt;
  if (key === "escape") return { ...session, prompt: null };
  if (key === "enter") {
    return answer({ ...session, prompt: null }, {
      ...prompt,
      text: text.trim(),
    });
  }
  if (key === "backspace") {
    return { ...session, prompt: { ...prompt, text: text.slice(0, -1) } };
  }
  if (key.length !== 1) return session;
  return { ...session, prompt: { ...prompt, text: text + key } };
};

/**
 * The session after a key, or null when the key ends it. Keys are characters
 * or `enter`, `escape`, `backspace`, `up`, `down`, `left`, `right`; one that
 * means nothing changes nothing.
 */
export const press = (session: Session, key: string): Session | null => {
  if (session.prompt !== null) return typed(session, session.prompt, key);
  if (key === "q") return null;
  const act = Object.hasOwn(acts, key) ? acts[key] : undefined;
  return act === undefined ? session : act(session);
};
