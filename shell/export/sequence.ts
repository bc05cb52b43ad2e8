/**
 * Sequence diagrams as text: Mermaid and PlantUML.
 *
 * @module
 */

import type { World } from "../../core/world.ts";
import { type Actor, type Item, itemsOf } from "./messages.ts";
import type { Taken } from "./taken.ts";

/** A format that is written step by step. */
export interface Writer {
  /** Text before the first step. */
  readonly head: (world: World) => string;
  /** Text of a step. */
  readonly step: (taken: Taken) => string;
  /** Text after the last step; `time` is when the run ended. */
  readonly tail: (time: number) => string;
}

const actorsOf = (world: World): readonly Actor[] => [
  ...world.realm.recs.map((_, n): Actor => `rec${n}`),
  "RMM",
  "KVM",
  "VMM",
  "devices",
];

/** Mermaid ends a message at `;` and takes `#` for an entity. */
const forMermaid = (text: string): string =>
  text.replaceAll("#", "#35;").replaceAll(/(?<!#35);/g, "#59;");

const mermaidItem = (item: Item): string =>
  item.tag === "Note"
    ? `  Note over ${item.over}: ${forMermaid(item.text)}\n`
    : `  ${item.from}${item.reply ? "-->>" : "->>"}${item.to}: ${
      forMermaid(item.text)
    }\n`;

/** A Mermaid sequence diagram. */
export const mermaid: Writer = {
  head: (world) =>
    [
      "sequenceDiagram\n",
      ...actorsOf(world).map((actor) => `  participant ${actor}\n`),
    ].join(""),
  step: (taken) => itemsOf(taken).map(mermaidItem).join(""),
  tail: () => "",
};

/** PlantUML reads `\n` in a text as a line end and `<` as markup; a tilde escapes. */
const forPlantuml = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("<", "~<");

const plantumlItem = (item: Item): string =>
  item.tag === "Note"
    ? `note over ${item.over} : ${forPlantuml(item.text)}\n`
    : `${item.from} ${item.reply ? "-->" : "->"} ${item.to} : ${
      forPlantuml(item.text)
    }\n`;

/** A PlantUML sequence diagram. */
export const plantuml: Writer = {
  head: (world) =>
    [
      "@startuml\n",
      ...actorsOf(world).map((actor) => `participant ${actor}\n`),
    ].join(""),
  step: (taken) => itemsOf(taken).map(plantumlItem).join(""),
  tail: () => "@enduml\n",
};
