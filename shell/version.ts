/**
 * The version of this build.
 *
 * @module
 */

/** The version `recrun --version` prints and a recording names. */
export const version = "0.1.0";
