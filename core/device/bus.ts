/**
 * The bus: disjoint ranges of IPA space, each owned by one device.
 *
 * @module
 */

/** Devices at their addresses, in ascending order. */
export interface Bus {
  readonly slots: readonly unknown[];
}
