// Types for the untyped npm build of the Deno standard library; delete this
// file when the @std names can be taken from JSR.

declare module "@std/assert" {
  export function assert(expr: unknown, msg?: string): asserts expr;
  export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
  export function assertNotEquals<T>(
    actual: T,
    expected: T,
    msg?: string,
  ): void;
  export function assertStrictEquals<T>(
    actual: unknown,
    expected: T,
    msg?: string,
  ): asserts actual is T;
  export function assertStringIncludes(
    actual: string,
    expected: string,
    msg?: string,
  ): void;
  export function assertMatch(
    actual: string,
    expected: RegExp,
    msg?: string,
  ): void;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any
    ErrorClass?: abstract new (...args: any[]) => E,
    msgIncludes?: string,
  ): E;
}

declare module "@std/cli/parse-args" {
  interface Options<S extends string, B extends string, C extends string> {
    readonly string?: readonly S[];
    readonly boolean?: readonly B[];
    readonly collect?: readonly C[];
    readonly alias?: Readonly<Record<string, string | readonly string[]>>;
    readonly default?: Readonly<Record<string, unknown>>;
    readonly stopEarly?: boolean;
    readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  }
  export type Parsed<
    S extends string,
    B extends string,
    C extends string,
  > =
    & { readonly _: readonly (string | number)[] }
    & { readonly [K in Exclude<S, C>]?: string }
    & { readonly [K in S & C]: readonly string[] }
    & { readonly [K in B]: boolean };
  export function parseArgs<
    const S extends string = never,
    const B extends string = never,
    const C extends string = never,
  >(
    args: readonly string[],
    options?: Options<S, B, C>,
  ): Parsed<S, B, C>;
}
