/**
 * Input that cannot be used, and the one line that says so.
 *
 * @module
 */

/** Input that cannot be used; `line` is the one line the user is told. */
export interface BadInput {
  readonly _tag: "BadInput";
  readonly line: string;
}

/** Refuses input with one line: what was expected, what was found, where. */
export const badInput = (line: string): BadInput => ({
  _tag: "BadInput",
  line,
});

/** True for a refusal. */
export const isBad = (value: unknown): value is BadInput =>
  typeof value === "object" && value !== null && "_tag" in value;
