/**
 * Decoding JSON values by schema, with refusals that say in one line what was
 * expected, what was found and where.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import * as Transformation from "effect/SchemaTransformation";
import { type BadInput, badInput } from "./services.ts";

/** A 64-bit word written as `0x` and hex digits. */
export const Word: Schema.Codec<bigint, string> = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^0x[0-9a-fA-F]{1,16}$/, {
      expected: 'a hex word such as "0x93830007"',
    }),
  ),
  Schema.decodeTo(
    Schema.BigInt,
    Transformation.transform({
      decode: (text: string) => BigInt(text),
      encode: (value: bigint) => `0x${value.toString(16)}`,
    }),
  ),
);

/** An integer from `minimum` to `maximum`. */
export const within = (
  minimum: number,
  maximum: number,
): Schema.Codec<number> =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum }));

const place = /^(.*?)(?: at ((?:\[[^\]]*\])+))?$/;

const foundAt = (value: unknown, path: string): unknown => {
  let here = value;
  for (const [, key] of path.matchAll(/\[([^\]]*)\]/g)) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[String(JSON.parse(key ?? ""))];
  }
  return here;
};

const shown = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

/** Rewords a schema error about `value` as one line: where, expected, found. */
export const reword = (message: string, value: unknown): string => {
  const [first = ""] = message.replace(/\n\s+at /g, " at ").split("\n");
  const [, what = first, path = ""] = place.exec(first) ?? [];
  const where = path === "" ? "" : `${path}: `;
  if (what.startsWith("Missing key")) {
    return `${where}expected a value but found nothing`;
  }
  const expected = what.charAt(0).toLowerCase() + what.slice(1);
  return `${where}${expected} but found ${shown(foundAt(value, path))}`;
};

/** A decoder of `schema` that names `where` in its refusals. */
export const decoder = <T>(
  schema: Schema.Codec<T, unknown>,
): (value: unknown, where: string) => Effect.Effect<T, BadInput> => {
  const decode = Schema.decodeUnknownEffect(schema, {
    onExcessProperty: "error",
  });
  return (value, where) =>
    decode(value).pipe(
      Effect.mapError((error) =>
        badInput(`${where}: ${reword(String(error.message), value)}`)
      ),
    );
};

/** Parses JSON text, keeping the parser's own position in the refusal. */
export const parseJson = (
  text: string,
  where: string,
): Effect.Effect<unknown, BadInput> =>
  Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: (error) =>
      badInput(
        `${where}: expected JSON but found ${
          error instanceof Error ? error.message : String(error)
        }`,
      ),
  });
