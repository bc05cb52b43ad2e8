/**
 * Workers: every level of a search is cut into as many pieces as there are
 * workers, and merged in order.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import { absorbBatch, type Batch, orderFor } from "../../core/explore/batch.ts";
import { endLevel, type Search } from "../../core/explore/search.ts";
import type { Opening } from "./worker.ts";

/** A worker and what it knows. */
interface Hand {
  readonly worker: Worker;
  /** The search's numbers of the parts it has been sent. */
  readonly known: Set<number>;
  /** Numbers to tell it of, for the parts it sent last. */
  assigned: readonly number[];
}

/** States that are expanded before the search is looked at again. */
const piece_states_max = 20_000;

const hire = (opening: Opening): Effect.Effect<Hand, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const url = new URL("./worker.ts", import.meta.url);
      const worker = new Worker(url, { type: "module" });
      worker.postMessage(opening);
      return { worker, known: new Set<number>(), assigned: [] };
    }),
    ({ worker }) => Effect.sync(() => worker.terminate()),
  );

/** Hires `count` workers for as long as the scope is open. */
export const hireAll = (
  count: number,
  opening: Opening,
): Effect.Effect<readonly Hand[], never, Scope.Scope> =>
  Effect.all(Array.from({ length: count }, () => hire(opening)));

const ask = (hand: Hand, order: unknown): Promise<Batch> =>
  new Promise((resolve, reject) => {
    hand.worker.onmessage = ({ data }) => resolve(data as Batch);
    hand.worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    hand.worker.postMessage(order);
  });

/** Expands some of the current level in all workers at once. */
export const advanceIn = (
  search: Search,
  hands: readonly Hand[],
): Effect.Effect<void> =>
  Effect.promise(async () => {
    const from = search.head;
    const to = Math.min(search.level, from + piece_states_max * hands.length);
    const share = Math.ceil((to - from) / hands.length);
    const asked = hands.map((hand, index) => {
      const first = Math.min(to, from + share * index);
      const last = Math.min(to, first + share);
      const { known, assigned } = hand;
      return ask(hand, orderFor(search, first, last, known, assigned));
    });
    const batches = await Promise.all(asked);
    search.head = to;
    for (const [index, hand] of hands.entries()) {
      const batch = batches[index];
      if (batch === undefined || search.reach !== null) break;
      hand.assigned = absorbBatch(search, batch);
    }
    endLevel(search);
  });
