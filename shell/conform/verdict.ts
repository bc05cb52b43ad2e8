/**
 * The verdict on one reference vector.
 *
 * @module
 */

/** What judging a vector came to. */
export type Verdict =
  /** Every field of the expected output was found. */
  | { readonly tag: "Passed" }
  | {
    readonly tag: "Failed";
    /** The first field that differs: `out.mmio.len: expected 4 but found 8`. */
    readonly difference: string;
  }
  | {
    readonly tag: "Malformed";
    /** One line: where the vector is not a vector, what was expected and found. */
    readonly what: string;
  };
