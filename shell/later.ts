/**
 * Modules that are loaded when they are needed. Deno reads whatever a literal
 * `import()` names before a program starts; what is named by a value is read
 * when it is asked for, and needs leave to read this folder.
 *
 * @module
 */

/** Imports a module of this folder by its path from here, as `typeof import(path)`. */
export const later = <M>(path: string): Promise<M> =>
  import(new URL(path, import.meta.url).href);
