/**
 * RMI status codes and failures.
 *
 * Source: DEN0137 B4.4.1; rmm.md §0.3.
 *
 * @module
 */

/** RMI status codes that commands of this model return. */
export const RMI = {
  RMI_SUCCESS: 0,
  RMI_ERROR_INPUT: 1,
  RMI_ERROR_REALM: 2,
  RMI_ERROR_REC: 3,
  RMI_ERROR_RTT: 4,
} as const;

/** The name of a failing status. */
export type RmiError = Exclude<keyof typeof RMI, "RMI_SUCCESS">;

/** A failed command: status in bits 7:0 of the result, index in bits 15:8. */
export interface RmiFailure {
  /** Always `Failed`. */
  readonly tag: "Failed";
  /** Why. */
  readonly status: RmiError;
  /** More about why: a walk level, or which condition failed. */
  readonly index: number;
}

/** A failure. */
export const failed = (status: RmiError, index: number = 0): RmiFailure => ({
  tag: "Failed",
  status,
  index,
});
