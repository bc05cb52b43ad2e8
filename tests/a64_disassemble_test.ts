import { assert, assertEquals } from "@std/assert";
import { decode } from "../core/a64/decode.ts";
import { disassemble } from "../core/a64/disassemble.ts";
import type { Insn, Tag } from "../core/a64/encoding.ts";
import { rows } from "../core/a64/encoding/row.ts";

interface Line {
  readonly pc: bigint;
  readonly word: number;
  readonly text: string;
}

const lines: readonly Line[] = Deno
  .readTextFileSync(new URL("a64/disassembly.txt", import.meta.url))
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line, at) => ({
    pc: 0x8008_0000n + 4n * BigInt(at),
    word: parseInt(line.slice(0, 8), 16),
    text: line.slice(9),
  }));

const text = (word: number, pc = 0n): string | undefined => {
  const insn = decode(word);
  return insn === null ? undefined : disassemble(insn, pc);
};

const isUndefined = (line: Line): boolean => line.text.startsWith(".inst");

/** What GNU binutils calls undefined though the architecture allocates it: CONSTRAINED UNPREDICTABLE forms. */
const isConstrained = (insn: Insn): boolean => {
  switch (insn.tag) {
    case "ordered": // should-be-one bits, of LDAR only
      return insn.l === 1 && insn.o0 === 1 &&
        (insn.rs !== 31 || insn.rt2 !== 31);
    case "loadAcquirePc": // should-be-one bits
      return insn.rs !== 31;
    case "pair": // LDPSW that loads one register twice, or its own base
      return insn.opc === 1 &&
        (insn.rt === insn.rt2 ||
          ((insn.mode & 1) === 1 && [insn.rt, insn.rt2].includes(insn.rn)));
    default:
      return false;
  }
};

/** Instructions of extensions beyond the table's scope, by feature. */
const beyond: readonly RegExp[] = [
  /^(abs|cnt|ctz|[su]max|[su]min)\t/, // CSSC
  /^(addg|subg|subps?|cmpp|gmi|irg|ldgm?|st2g|stgm?|stgp|stz2g|stzgm?)\t/, // MTE
  /^(xaflag|axflag)$/, // FlagM2
  /^msr\t(ssbs|dit|tco|allint), #/, // SSBS, DIT, MTE, NMI
  /^bc\./, // HBC
  /^(aut|pac)(ia|ib|da|db|iza|izb|dza|dzb|ga)\t|^xpac[id]\t|^bl?ra[ab]z?\t/, // PAuth
  /^(ldra[ab]\t|(eret|ret)a[ab]$)/, // PAuth
  /^(cpy|set)f?[pme]/, // MOPS
  /^dsb\t\w+nxs$/, // XS
  /^(tstart|ttest|tcancel)\t|^tcommit$/, // TME
  /^(ld64b|st64b|st64bv|st64bv0)\t/, // LS64
  /^sm(start|stop)(\t|$)/, // SME
  /\bza\d*[hv]?[.[]|^addha\t|^addva\t|^zero\t/, // SME
];

/** The op0 = 0 space prints as MRS and MSR even where nothing is allocated. */
const isSystemHole = (line: Line): boolean =>
  /^m(sr\ts0_|rs\tx\w+, s0_)/.test(line.text);

Deno.test("disassemble() writes what GNU objdump writes", () => {
  for (const { pc, word, text } of lines) {
    const insn = decode(word);
    if (insn === null || (text.startsWith(".inst") && isConstrained(insn))) {
      continue;
    }
    const at = `${word.toString(16)}: `;
    assertEquals(at + disassemble(insn, pc), at + text);
  }
});

Deno.test("decode() refuses exactly what GNU objdump cannot name or a later extension names", () => {
  for (const line of lines) {
    const insn = decode(line.word);
    const isKnownHole = isUndefined(line) || isSystemHole(line) ||
      beyond.some((pattern) => pattern.test(line.text));
    if (insn === null) assert(isKnownHole, `${line.text} is refused`);
    else if (isUndefined(line)) {
      assert(isConstrained(insn), `${line.text} is ${insn.tag}`);
    }
  }
});

Deno.test("disassembly.txt has every class and both sides of the boundary", () => {
  const seen = new Set<Tag | undefined>(
    lines.map(({ word }) => decode(word)?.tag),
  );
  const missing = rows.map(({ tag }) => tag).filter((tag) => !seen.has(tag));
  assertEquals(missing, ["simd", "sve"]);
  assert(300 < lines.filter(isUndefined).length);
});

Deno.test("disassemble() leaves FP, SIMD and SVE as data", () => {
  assertEquals(text(0x1e602820), ".inst\t0x1e602820");
  assertEquals(text(0x3dc00000), ".inst\t0x3dc00000");
  assertEquals(text(0x04200000), ".inst\t0x04200000");
});

Deno.test("disassemble() resolves targets from the address of the instruction", () => {
  assertEquals(text(0x14000000, 0x1000n), "b\t0x1000");
  assertEquals(text(0x17ffffff, 0n), "b\t0xfffffffffffffffc");
  assertEquals(text(0x90000000, 0x1234n), "adrp\tx0, 0x1000");
  assertEquals(text(0x10000000, 0x1234n), "adr\tx0, 0x1234");
});
