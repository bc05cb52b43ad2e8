/**
 * Standard input and output of this machine, byte for byte.
 *
 * @module
 */

/** What bytes can be written to. */
interface Writer {
  readonly writeSync: (bytes: Uint8Array) => number;
}

/** Writes all of `bytes`. */
export const append = (to: Writer, bytes: Uint8Array): void => {
  let done = 0;
  while (done < bytes.length) done += to.writeSync(bytes.subarray(done));
};

/** What a shell reports of a program that SIGPIPE ended. */
const sigpipe_exit = 141;

/** Writes all of `bytes`; a reader that went away ends the program quietly, as in a pipe. */
export const writeAll = (
  to: Writer,
  bytes: Uint8Array,
): void => {
  try {
    append(to, bytes);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(sigpipe_exit);
    throw error;
  }
};

/** Bytes read at a time. */
const block_bytes = 65_536;

/** Standard input to its end; nothing when it is a terminal. */
export const readInput = (): Uint8Array => {
  const blocks: Uint8Array[] = [];
  if (Deno.stdin.isTerminal()) return new Uint8Array();
  let total = 0;
  for (;;) {
    const block = new Uint8Array(block_bytes);
    const length = Deno.stdin.readSync(block);
    if (length === null) break;
    blocks.push(block.subarray(0, length));
    total += length;
  }
  const all = new Uint8Array(total);
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
};
