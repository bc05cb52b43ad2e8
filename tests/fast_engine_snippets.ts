/**
 * Programs for the engine's tests: words, the source beside them, placed at
 * the start of RAM unless it says otherwise.
 *
 * @module
 */

/** A loop with a call, a branch the data decides and flags that cross blocks. */
export const calls: readonly number[] = [
  0x91000400, // 1: add x0, x0, #1
  0x94000006, // bl f
  0x36080040, // tbz x0, #1, 2f
  0xca000042, // eor x2, x2, x0
  0xf1000421, // 2: subs x1, x1, #1
  0x54ffff61, // b.ne 1b
  0x14000000, // b .
  0x8b000063, // f: add x3, x3, x0
  0xf101907f, // cmp x3, #100
  0x9a8383e3, // csel x3, xzr, x3, hi
  0xd65f03c0, // ret
];

/** Loads word after word from X1 up, for ever. */
export const walkUp: readonly number[] = [
  0x91000463, // 1: add x3, x3, #1
  0xf9400022, // ldr x2, [x1]
  0x8b020084, // add x4, x4, x2
  0x91002021, // add x1, x1, #8
  0x17fffffc, // b 1b
];

/** Runs X5 times over the word at X1, stores W2 there, and again. */
export const patch: readonly number[] = [
  0x91000400, // 1: add x0, x0, #1
  0x91000484, // add x4, x4, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xb9000022, // str w2, [x1]
  0xd2800285, // mov x5, #20
  0x17fffffa, // b 1b
];

/** Stores W2, then the next of a table of words, to the word that follows at once. */
export const patchAtOnce: readonly number[] = [
  0xb84044c2, // 1: ldr w2, [x6], #4
  0xb9000022, // str w2, [x1]
  0x91000484, // add x4, x4, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffff81, // b.ne 1b
  0x14000000, // b .
];

/** As `patch`, with the maintenance the architecture asks for. */
export const patchMaintained: readonly number[] = [
  0x91000400, // 1: add x0, x0, #1
  0x91000484, // add x4, x4, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xb9000022, // str w2, [x1]
  0xd50b7b21, // dc cvau, x1
  0xd5033b9f, // dsb ish
  0xd50b7521, // ic ivau, x1
  0xd5033b9f, // dsb ish
  0xd5033fdf, // isb
  0xd2800285, // mov x5, #20
  0x17fffff5, // b 1b
];

/** As `patch`, by a compare and swap and by zeroing a block at X7. */
export const patchExclusive: readonly number[] = [
  0x91000400, // 1: add x0, x0, #1
  0x91000484, // add x4, x4, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xb9400028, // ldr w8, [x1]
  0x88a87c22, // cas w8, w2, [x1]
  0xa9000922, // stp x2, x2, [x9]
  0xf9000142, // str x2, [x10]
  0xd50b7427, // dc zva, x7
  0xd2800285, // mov x5, #20
  0x17fffff6, // b 1b
];

/** Loads from X1 X5 times, stores X7 to the descriptor at X6, and again. */
export const remap: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x8b020063, // add x3, x3, x2
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xf90000c7, // str x7, [x6]
  0xd2800285, // mov x5, #20
  0x17fffffa, // b 1b
];

/** As `remap`, with the maintenance the architecture asks for. */
export const remapMaintained: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x8b020063, // add x3, x3, x2
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xf90000c7, // str x7, [x6]
  0xd5033a9f, // dsb ishst
  0xd508871f, // tlbi vmalle1
  0xd5033b9f, // dsb ish
  0xd5033fdf, // isb
  0xd2800285, // mov x5, #20
  0x17fffff6, // b 1b
];

/** Loads from X1 X5 times, writes X7 to TTBR0_EL1, and again. */
export const setTtbr0: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x8b020063, // add x3, x3, x2
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xd5182007, // msr ttbr0_el1, x7
  0xd5033fdf, // isb
  0xd2800285, // mov x5, #20
  0x17fffff9, // b 1b
];

/** Loads from X1 X5 times, writes X7 to TCR_EL1, and again. */
export const setTcr: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x8b020063, // add x3, x3, x2
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xd5182047, // msr tcr_el1, x7
  0xd5033fdf, // isb
  0xd2800285, // mov x5, #20
  0x17fffff9, // b 1b
];

/** Loads from X1 X5 times, writes X7 to SCTLR_EL1, and again. */
export const setSctlr: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x8b020063, // add x3, x3, x2
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xd5181007, // msr sctlr_el1, x7
  0xd5033fdf, // isb
  0xd2800285, // mov x5, #20
  0x17fffff9, // b 1b
];

/** Loads from X1 X5 times, writes X7 to MAIR_EL1, and again. */
export const setMair: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x8b020063, // add x3, x3, x2
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xd518a207, // msr mair_el1, x7
  0xd5033fdf, // isb
  0xd2800285, // mov x5, #20
  0x17fffff9, // b 1b
];

/** Maps X1 to one page, loads, to another, loads: the descriptor at X6 is X7, then X8. */
export const swapDescriptors: readonly number[] = [
  0xf90000c7, // 1: str x7, [x6]
  0xf9400022, // ldr x2, [x1]
  0x8b020063, // add x3, x3, x2
  0xf90000c8, // str x8, [x6]
  0xf9400022, // ldr x2, [x1]
  0x8b022063, // add x3, x3, x2, lsl #8
  0xf10004a5, // subs x5, x5, #1
  0x54ffff21, // b.ne 1b
  0x14000000, // b .
];

/** Stores word after word from X1 up, X5 times. */
export const storeUp: readonly number[] = [
  0xf9000022, // 1: str x2, [x1]
  0x91002021, // add x1, x1, #8
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0x14000000, // b .
];

/** Adds to the word at X1 by exclusives, and to that at X6 by an atomic, X5 times. */
export const exclusive: readonly number[] = [
  0xc85f7c22, // 1: ldxr x2, [x1]
  0x91000442, // add x2, x2, #1
  0xc8037c22, // stxr w3, x2, [x1]
  0x35ffffa3, // cbnz w3, 1b
  0xf82200c4, // ldadd x2, x4, [x6]
  0xf10004a5, // subs x5, x5, #1
  0x54ffff41, // b.ne 1b
  0x14000000, // b .
];

/** Loads and stores of every size at X1, which moves up by one. */
export const everyOffset: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x79400023, // ldrh w3, [x1]
  0xb9800024, // ldrsw x4, [x1]
  0xa9401c26, // ldp x6, x7, [x1]
  0x2940a428, // ldp w8, w9, [x1, #4]
  0x8b03004a, // add x10, x2, x3
  0x8b04014a, // add x10, x10, x4
  0x8b06054a, // add x10, x10, x6, lsl #1
  0x8b07014a, // add x10, x10, x7
  0x8b08014a, // add x10, x10, x8
  0xf900202a, // str x10, [x1, #64]
  0x79010029, // strh w9, [x1, #128]
  0xa9101c2a, // stp x10, x7, [x1, #256]
  0x29191c2a, // stp w10, w7, [x1, #200]
  0x91000421, // add x1, x1, #1
  0xf10004a5, // subs x5, x5, #1
  0x54fffe01, // b.ne 1b
  0x14000000, // b .
];

/** Loads and stores pairs at X1, which moves up by eight. */
export const pairsUp: readonly number[] = [
  0xa9401c26, // 1: ldp x6, x7, [x1]
  0x8b0700c6, // add x6, x6, x7
  0xa9000c26, // stp x6, x3, [x1]
  0x91000463, // add x3, x3, #1
  0x91002021, // add x1, x1, #8
  0xf10004a5, // subs x5, x5, #1
  0x54ffff41, // b.ne 1b
  0x14000000, // b .
];

/** Loads from SP, which moves up by X6. */
export const spUp: readonly number[] = [
  0xf94003e2, // 1: ldr x2, [sp]
  0x91000463, // add x3, x3, #1
  0x8b2663ff, // add sp, sp, x6
  0x17fffffd, // b 1b
];

/** Stores to X1 X5 times, then returns from the exception; ELR_EL1 leads here again. */
export const leave: readonly number[] = [
  0xf9000022, // 1: str x2, [x1]
  0x91000463, // add x3, x3, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xd2800285, // mov x5, #20
  0xd69f03e0, // eret
];

/** Loads from X1 X5 times, then sets PAN, and again. */
export const pan: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x91000463, // add x3, x3, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xd2800285, // mov x5, #20
  0xd500419f, // msr pan, #1
  0x17fffffa, // b 1b
];

/** Counts, unmasks SErrors, counts on. */
export const unmask: readonly number[] = [
  0x91000463, // 1: add x3, x3, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffc1, // b.ne 1b
  0xd50344ff, // msr daifclr, #4
  0x91000484, // 2: add x4, x4, #1
  0x17ffffff, // b 2b
];

/** Reads the counter in a loop. */
export const clock: readonly number[] = [
  0x91000463, // 1: add x3, x3, #1
  0xd53be042, // mrs x2, cntvct_el0
  0xca020084, // eor x4, x4, x2
  0x8b031c84, // add x4, x4, x3, lsl #7
  0x17fffffc, // b 1b
];

/** Runs over the end of its page, again and again: placed at its last words. */
export const runOff: readonly number[] = [
  0x91000463, // 1: add x3, x3, #1
  0x8b030084, // add x4, x4, x3
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xd503201f, // nop
  0xd503201f, // nop
  0xd503201f, // nop
  0xd503201f, // nop
];

/** Stores X8 at X6 in a loop, then W2 at X1, and again. */
export const storeBeside: readonly number[] = [
  0xf90000c8, // 1: str x8, [x6]
  0x91000484, // add x4, x4, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xb9000022, // str w2, [x1]
  0xd2800285, // mov x5, #20
  0x17fffffa, // b 1b
];

/** Loads from X1 X5 times, then as EL0 would. */
export const unprivileged: readonly number[] = [
  0xf9400022, // 1: ldr x2, [x1]
  0x91000463, // add x3, x3, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffffa1, // b.ne 1b
  0xf8400822, // ldtr x2, [x1]
  0x14000000, // b .
];

/** Calls X5 times a function that returns X7 bytes further on. */
export const returnAhead: readonly number[] = [
  0x94000006, // 1: bl f
  0x91000463, // add x3, x3, #1
  0x91000484, // add x4, x4, #1
  0xf10004a5, // subs x5, x5, #1
  0x54ffff81, // b.ne 1b
  0x14000000, // b .
  0x8b0703de, // f: add x30, x30, x7
  0xd65f03c0, // ret
];

/** What sets the flags, from X3 and X4, by its name. */
export const flag_setters: readonly (readonly [string, number])[] = [
  ["adds x6, x3, x4", 0xab040066],
  ["adds w6, w3, w4", 0x2b040066],
  ["subs x6, x3, x4", 0xeb040066],
  ["subs w6, w3, w4", 0x6b040066],
  ["cmp x3, #0", 0xf100007f],
  ["ands x6, x3, x4", 0xea040066],
  ["ands w6, w3, w4", 0x6a040066],
  ["bics x6, x3, x4", 0xea240066],
  ["adcs x6, x3, x4", 0xba040066],
  ["adcs w6, w3, w4", 0x3a040066],
  ["sbcs x6, x3, x4", 0xfa040066],
  ["sbcs w6, w3, w4", 0x7a040066],
  ["ccmp x3, x4, #5, hi", 0xfa448065],
  ["ccmn w3, w4, #10, lt", 0x3a44b06a],
  ["rmif x3, #7, #11", 0xba03846b],
  ["setf8 w3", 0x3a00086d],
  ["setf16 w4", 0x3a00488d],
  ["cfinv", 0xd500401f],
  ["msr nzcv, x3", 0xd51b4203],
];

/** Sets flags from numbers that change, then loads from X1, which moves up by 64. */
export const flagsThenLoad = (setter: number): readonly number[] => [
  0x9b0a7c63, // 1: mul x3, x3, x10
  0xca437464, // eor x4, x3, x3, lsr #29
  setter, // <setter>
  0xf9400029, // ldr x9, [x1]
  0x91010021, // add x1, x1, #64
  0x17fffffb, // b 1b
];
