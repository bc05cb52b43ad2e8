/**
 * The alphabet: every action by its name, and sets of them by theirs.
 *
 * A new way for something to happen is one more row in `alphabet/`.
 *
 * @module
 */

import type { Action } from "./action.ts";
import { access_actions } from "./alphabet/access.ts";
import { call_actions } from "./alphabet/call.ts";
import { host_actions } from "./alphabet/host.ts";
import { ioctl_actions } from "./alphabet/ioctl.ts";

/** Every action, in the order in which the explorer tries them. */
export const actions: readonly Action[] = [
  ...access_actions,
  ...call_actions,
  ...host_actions,
  ...ioctl_actions,
];

/** What a correct host does, whatever the realm does. */
const correct = ["enter", "exit", "run", "complete", "handle"] as const;

/** Sets of actions by name; a set's name can stand wherever an action's can. */
export const sets: Readonly<Record<string, readonly string[]>> = {
  correct,
  default: [
    "read",
    "pop",
    "write",
    "ldp",
    "private",
    "cpu-on",
    "irq",
    ...correct,
    "rx",
  ],
  accesses: access_actions.map(({ name }) => name).filter((name) =>
    name !== "write-be"
  ),
  calls: call_actions.map(({ name }) => name),
  ioctls: ioctl_actions.map(({ name }) => name),
  hostile: host_actions.filter(({ actor }) => actor === "host").map((
    { name },
  ) => name),
};

/** What `choose` returns. */
export type Chosen =
  | { readonly tag: "Chosen"; readonly actions: readonly Action[] }
  | { readonly tag: "Unknown"; readonly name: string };

/** The actions of a list of names and set names, each once, in the alphabet's order. */
export const choose = (names: readonly string[]): Chosen => {
  const wanted = new Set<string>();
  for (const name of names) {
    const members = Object.hasOwn(sets, name) ? sets[name] : undefined;
    if (members === undefined && !actions.some((row) => row.name === name)) {
      return { tag: "Unknown", name };
    }
    for (const member of members ?? [name]) wanted.add(member);
  }
  return {
    tag: "Chosen",
    actions: actions.filter(({ name }) => wanted.has(name)),
  };
};
