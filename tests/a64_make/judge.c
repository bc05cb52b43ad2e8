/*
 * Runs each instruction of a table in user mode and records what it did.
 *
 * One signal handler does it all. An instruction sits in a page of zeros, so
 * what follows it is UDF and raises SIGILL; a branch out of the page raises
 * SIGSEGV at its target. Either way the handler finds every register in the
 * signal frame, records them, replaces them by the next row's and returns into
 * the next instruction.
 *
 * usage: judge ROWS ANSWERS
 */

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x1234560000ul
#define DATA (CODE + 0x10000ul)
#define PAGE 4096ul
#define WINDOW_OFFSET 0xf00ul
#define WINDOW_BYTES 256ul

struct state {
	uint64_t x[31], sp, pc, nzcv, tpidr_el0;
	uint8_t window[WINDOW_BYTES];
};

struct row {
	uint64_t count, words[3];
	struct state before;
};

struct answer {
	uint64_t signal;
	struct state after;
};

static struct row *rows;
static struct answer *answers;
static size_t at, count;
static uint64_t own_tpidr_el0;

static uint64_t read_tpidr(void)
{
	uint64_t value;

	asm volatile("mrs %0, tpidr_el0" : "=r"(value));
	return value;
}

static void write_tpidr(uint64_t value)
{
	asm volatile("msr tpidr_el0, %0" : : "r"(value));
}

static void place(const struct row *row, const uint64_t *words)
{
	volatile uint32_t *code = (volatile uint32_t *)row->before.pc;

	for (uint64_t k = 0; k < row->count; k++)
		code[k] = words ? (uint32_t)words[k] : 0;
	__builtin___clear_cache((char *)code, (char *)(code + row->count));
}

static void record(int signal, const mcontext_t *frame)
{
	struct answer *answer = &answers[at];

	answer->signal = (uint64_t)signal;
	for (int n = 0; n < 31; n++)
		answer->after.x[n] = frame->regs[n];
	answer->after.sp = frame->sp;
	answer->after.pc = frame->pc;
	answer->after.nzcv = (frame->pstate >> 28) & 15;
	answer->after.tpidr_el0 = read_tpidr();
	memcpy(answer->after.window, (void *)(DATA + WINDOW_OFFSET),
	       WINDOW_BYTES);
	for (uint64_t k = 0; k < WINDOW_OFFSET; k++)
		if (((volatile uint8_t *)DATA)[k])
			_exit(3); /* a store outside the window */
}

static void load(const struct row *row, mcontext_t *frame)
{
	for (int n = 0; n < 31; n++)
		frame->regs[n] = row->before.x[n];
	frame->sp = row->before.sp;
	frame->pc = row->before.pc;
	frame->pstate = row->before.nzcv << 28;
	memcpy((void *)(DATA + WINDOW_OFFSET), row->before.window,
	       WINDOW_BYTES);
	place(row, row->words);
	write_tpidr(row->before.tpidr_el0);
}

static void handle(int signal, siginfo_t *info, void *context)
{
	static int started;
	mcontext_t *frame = &((ucontext_t *)context)->uc_mcontext;

	(void)info;
	if (started) {
		record(signal, frame);
		place(&rows[at], NULL);
		at++;
	}
	started = 1;
	if (at == count) {
		write_tpidr(own_tpidr_el0);
		_exit(0);
	}
	load(&rows[at], frame);
}

static void *map(uintptr_t address, size_t bytes, int protection, int file)
{
	int flags = file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *p = mmap((void *)address, bytes, protection,
		       flags | (address ? MAP_FIXED : 0), file, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

int main(int argc, char **argv)
{
	static uint8_t stack[1 << 16];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_sigaction = handle,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	const int signals[] = { SIGILL, SIGSEGV, SIGBUS, SIGTRAP };
	struct stat in_stat;
	int in, out;

	if (argc != 3)
		return 2;
	in = open(argv[1], O_RDONLY);
	out = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (in < 0 || out < 0 || fstat(in, &in_stat) < 0)
		return 2;
	count = (size_t)in_stat.st_size / sizeof(struct row);
	if (ftruncate(out, (off_t)(count * sizeof(struct answer))) < 0)
		return 2;
	rows = map(0, count * sizeof(struct row), PROT_READ, in);
	answers = map(0, count * sizeof(struct answer), PROT_READ | PROT_WRITE,
		      out);
	map(CODE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, -1);
	map(DATA, PAGE, PROT_READ | PROT_WRITE, -1);

	own_tpidr_el0 = read_tpidr();
	sigaltstack(&alternate, NULL);
	sigfillset(&action.sa_mask);
	for (size_t k = 0; k < sizeof(signals) / sizeof(*signals); k++)
		sigaction(signals[k], &action, NULL);
	asm volatile("udf #0");
	return 1;
}
