/**
 * Nothing: what of a start is Deno's own.
 *
 * @module
 */
