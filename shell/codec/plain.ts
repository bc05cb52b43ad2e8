/**
 * Plain data as JSON: words as `0x` and hex digits, keys in order, so that the
 * same data always has the same text.
 *
 * @module
 */

/** JSON-ready data. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

const is_word = /^0x[0-9a-f]{1,16}$/;

/** Plain data made ready for JSON. Text that looks like a word is not allowed in it. */
export const toJson = (value: unknown): Json => {
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value as Json;
  const from = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(from).filter((key) => from[key] !== undefined);
  return Object.fromEntries(keys.sort().map((key) => [key, toJson(from[key])]));
};

/** What `toJson` was given, but for the order of keys. */
export const fromJson = (json: Json): unknown => {
  if (typeof json === "string") return is_word.test(json) ? BigInt(json) : json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, fromJson(value)]),
  );
};

const is_base64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Bytes as base64. */
export const toBase64 = (bytes: Uint8Array): string => bytes.toBase64();

/** The bytes of base64 text, or null when it is none. */
export const fromBase64 = (text: string): Uint8Array | null =>
  is_base64.test(text) ? Uint8Array.fromBase64(text) : null;
