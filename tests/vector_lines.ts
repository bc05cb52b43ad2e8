/**
 * Reads a committed file of reference vectors.
 *
 * @module
 */

/** The vectors of tests/vectors/`name`.jsonl.gz, parsed and not yet decoded. */
export const readVectors = async (
  name: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const file = await Deno.open(
    new URL(`./vectors/${name}.jsonl.gz`, import.meta.url),
  );
  const text = await new Response(
    file.readable.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
};
