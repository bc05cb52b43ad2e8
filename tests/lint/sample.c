/*
 * One access of every form for recrun lint, with a word in the text that
 * looks like one and is data. Built by build.sh with DWARF 4 and 5.
 */

static inline void pair(unsigned long *at)
{
	asm volatile("stp xzr, xzr, [%0]" : : "r"(at) : "memory");
}

void plain(volatile unsigned *at)
{
	at[1] = 2;
}

void writeback(void *at)
{
	asm volatile("ldr w1, [%0], #4" : "+r"(at) : : "x1", "memory");
	asm volatile("strb wzr, [%0, #1]!" : "+r"(at) : : "memory");
}

void exclusive(void *at)
{
	asm volatile("ldxr w1, [%0]" : : "r"(at) : "x1", "memory");
	asm volatile("stxr w2, w1, [%0]" : : "r"(at) : "x2", "memory");
}

void atomic(void *at)
{
	asm volatile("ldadd w1, w2, [%0]" : : "r"(at) : "x2", "memory");
	asm volatile("cas w1, w2, [%0]" : : "r"(at) : "x1", "memory");
}

void simd(void *at)
{
	asm volatile(".inst 0x3d800000" : : "r"(at) : "memory"); /* str q0, [x0] */
	asm volatile(".inst 0x4e201c00"); /* and v0.16b, v0.16b, v0.16b */
}

/* A literal pool: the word is that of stp xzr, xzr, [x0]. */
asm(".text\n.balign 4\npool: .word 0xa9007c1f\n");

void _start(void)
{
	unsigned long *at = (unsigned long *)0x8009000000;

	plain((unsigned *)at);
	writeback(at);
	exclusive(at);
	atomic(at);
	simd(at);
	pair(at);
	asm volatile("stp xzr, xzr, [sp, #-16]!" : : : "memory");
}
