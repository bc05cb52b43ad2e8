/**
 * The lint rule that keeps `core/` pure: no clock, no randomness, no I/O, no
 * Effect, and no import but a neighbour's or fp-ts's.
 *
 * @module
 */

const impure = new Set([
  "Deno",
  "Date",
  "console",
  "fetch",
  "performance",
  "crypto",
  "setTimeout",
  "setInterval",
  "queueMicrotask",
  "globalThis",
  "process",
]);

const isCore = (filename: string): boolean => /(^|\/)core\//.test(filename);

const plugin: Deno.lint.Plugin = {
  name: "recrun",
  rules: {
    "pure-core": {
      create: (context) =>
        !isCore(context.filename) ? {} : {
          Identifier(node) {
            if (impure.has(node.name)) {
              context.report({
                node,
                message: `core/ may not use ${node.name}`,
              });
            }
          },
          MemberExpression(node) {
            if (context.sourceCode.getText(node) === "Math.random") {
              context.report({
                node,
                message: "core/ may not draw random numbers",
              });
            }
          },
          ImportDeclaration(node) {
            const from = String(node.source.value);
            const above = from.startsWith("../") &&
              /(shell|tests|bench)\//.test(from);
            if (!/^\.\.?\/|^fp-ts\/lib\//.test(from) || above) {
              context.report({ node, message: `core/ may not import ${from}` });
            }
          },
        },
    },
  },
};

export default plugin;
