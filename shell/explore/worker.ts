/**
 * A worker that expands states for the explorer.
 *
 * @module
 */

import { choose } from "../../core/explore/alphabet.ts";
import { expandOrder, type Order, replica } from "../../core/explore/batch.ts";
import { invariantNamed } from "../../core/explore/invariants.ts";
import { openSpace } from "../../core/explore/space.ts";

/** The first message: what to explore, by names. */
export interface Opening {
  readonly recs: number;
  readonly actions: readonly string[];
  readonly invariants: readonly string[];
}

/** The part of a worker's global scope this one uses. */
interface Scope {
  onmessage: ((message: MessageEvent) => void) | null;
  postMessage: (message: unknown) => void;
}

const listen = (scope: Scope): void => {
  scope.onmessage = ({ data }) => {
    const { recs, actions, invariants } = data as Opening;
    const chosen = choose(actions);
    if (chosen.tag === "Unknown") throw new Error(chosen.name);
    const rows = invariants.flatMap((id) => invariantNamed(id) ?? []);
    const place = replica(openSpace(recs, chosen.actions, rows));
    scope.onmessage = (message) =>
      scope.postMessage(expandOrder(place, message.data as Order));
  };
};

// A document has no postMessage of one argument; only a worker listens.
if ("WorkerGlobalScope" in globalThis) listen(self as unknown as Scope);
