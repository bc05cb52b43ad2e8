/**
 * Answers as text, and kernel lines answered one after the other.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import { explainKernel } from "../../core/explain/kernel.ts";
import { print } from "../../core/explain/page.ts";
import type { Setting } from "../../core/explain/scene.ts";
import type { Answer } from "../../core/explain/syndrome.ts";
import { readLine } from "../../core/trace/line.ts";
import { type BadInput, badInput } from "../services.ts";
import { traceLine } from "../trace.ts";

const bad = (line: string): Effect.Effect<never, BadInput> =>
  Effect.fail(badInput(line));

/** An answer as text: its page, then the road as trace lines. */
export const answerText = ({ sections, road }: Answer): string => {
  const lines = road.map(({ before, event, result }, at) =>
    `  ${traceLine(at, before, event, result)}\n`
  );
  const host = lines.length === 0
    ? ""
    : `\nthe host, step by step\n${lines.join("")}`;
  return print(sections) + host;
};

/** Explains kernel lines; lines of other events are left out, a line that is none is refused. */
export const explainLines = (
  text: string,
  where: string,
  setting: Setting,
): Effect.Effect<string, BadInput> => {
  const pages: string[] = [];
  for (const [index, source] of text.split(/\r?\n/).entries()) {
    const line = readLine(source);
    const at = where === "" ? "" : `${where}:${index + 1}: `;
    switch (line.tag) {
      case "Event":
        pages.push(answerText(explainKernel(line.event, setting)));
        break;
      case "Malformed":
        return bad(
          `${at}expected ${line.name}: ${line.expected} but found ${
            JSON.stringify(line.found)
          }`,
        );
      case "Unknown":
        return bad(
          `${at}expected a line such as kvm_exit: ... but found ${
            JSON.stringify(source.slice(0, 60))
          }`,
        );
      default:
        break;
    }
  }
  return pages.length === 0
    ? bad(
      `${where}: expected a line of a KVM event but found none`.replace(
        /^: /,
        "",
      ),
    )
    : Effect.succeed(pages.join("\n"));
};
