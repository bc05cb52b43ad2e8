/**
 * Collapse: every value of plain data, however deep, as one number.
 *
 * Equal values have the same number and different values different ones:
 * a leaf is numbered by itself, a compound by the numbers of its parts, so
 * that nothing is hashed and nothing can collide. It knows no field by name;
 * a field added to the world tomorrow is in its number.
 *
 * The idea is SPIN's collapse compression (Holzmann, "State compression in
 * SPIN", 1997). Tables are private to one exploration and only ever grow.
 *
 * @module
 */

type Compound = Readonly<Record<string, unknown>> | readonly unknown[];

/** The keys that one kind of object has. */
interface Shape {
  /** The same for every order of the same keys. */
  readonly id: number;
  /** As they come. */
  readonly order: readonly string[];
  /** Sorted. */
  readonly keys: readonly string[];
}

/** The tables of one exploration. */
export interface Collapse {
  /** Numbers of leaves by value. */
  readonly leaves: Map<unknown, number>;
  /** Numbers of stored compounds by identity. */
  readonly ids: Map<object, number>;
  /** Numbers of compounds by the numbers of their parts. */
  readonly keys: Map<string, number>;
  /** Shapes of objects, by the number of their keys. */
  readonly shapes: Shape[][];
  /** Numbers of shapes by their sorted keys. */
  readonly kinds: Map<string, number>;
  /** The value of every number; compounds are made of stored compounds. */
  readonly values: unknown[];
}

/** Empty tables. */
export const collapse = (): Collapse => ({
  leaves: new Map(),
  ids: new Map(),
  keys: new Map(),
  shapes: [],
  kinds: new Map(),
  values: [],
});

const hasOrder = (shape: Shape, keys: readonly string[]): boolean => {
  for (let at = 0; at < keys.length; at++) {
    if (shape.order[at] !== keys[at]) return false;
  }
  return true;
};

const shapeOf = (tables: Collapse, value: object): Shape => {
  const order = Object.keys(value);
  const alike = tables.shapes[order.length] ??= [];
  for (const shape of alike) if (hasOrder(shape, order)) return shape;
  const keys = order.toSorted();
  // The order in which an object was built says nothing about its value.
  const id = tables.kinds.get(keys.join()) ?? tables.kinds.size;
  tables.kinds.set(keys.join(), id);
  const shape = { id, order, keys };
  alike.push(shape);
  return shape;
};

const leaf = (tables: Collapse, value: unknown): number => {
  const known = tables.leaves.get(value);
  if (known !== undefined) return known;
  const id = tables.values.push(value) - 1;
  tables.leaves.set(value, id);
  return id;
};

const bytesKey = (bytes: Uint8Array): string => {
  let text = "b";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};

const listKey = (tables: Collapse, list: readonly unknown[]): string => {
  let key = "l";
  // By index: a hole counts as undefined.
  for (let at = 0; at < list.length; at++) {
    key += `${number(tables, list[at])},`;
  }
  return key;
};

const recordKey = (
  tables: Collapse,
  record: Readonly<Record<string, unknown>>,
): string => {
  const { id, keys } = shapeOf(tables, record);
  let key = `o${id}:`;
  for (const name of keys) key += `${number(tables, record[name])},`;
  return key;
};

/** The compound made of stored parts, so that its parts are known by identity later. */
const rebuilt = (tables: Collapse, value: Compound): Compound => {
  const stored = (part: unknown): unknown =>
    tables.values[number(tables, part)];
  if (Array.isArray(value)) return Array.from(value, stored);
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, stored(part)]),
  );
};

const keyOf = (tables: Collapse, value: object): string => {
  if (value instanceof Uint8Array) return bytesKey(value);
  if (Array.isArray(value)) return listKey(tables, value);
  return recordKey(tables, value as Readonly<Record<string, unknown>>);
};

/** The number of a value of plain data: leaves, arrays, objects, byte arrays. */
export const number = (tables: Collapse, value: unknown): number => {
  if (typeof value !== "object" || value === null) return leaf(tables, value);
  const known = tables.ids.get(value);
  if (known !== undefined) return known;
  const key = keyOf(tables, value);
  const equal = tables.keys.get(key);
  if (equal !== undefined) return equal;
  const stored = value instanceof Uint8Array
    ? value
    : rebuilt(tables, value as Compound);
  const id = tables.values.push(stored) - 1;
  tables.ids.set(stored, id);
  tables.keys.set(key, id);
  return id;
};
