// Accesses to the test device whose abort carries no syndrome (ISV=0): pairs,
// writeback, exclusives and atomics. The host cannot emulate them; KVM asks for
// an SEA instead. Each must leave its registers as they were.

#include "guest.h"

static u64 esr, faults;

void handle(struct frame *frame) {
  esr = frame->esr;
  faults++;
  frame->elr += 4;
}

// Every instruction uses the same registers: X2 is the base, X4 to X7 are data.
struct regs {
  u64 base, data[4];
};

#define RUN(insn, regs)                                                     \
  do {                                                                      \
    register u64 x2 __asm__("x2") = (regs)->base;                           \
    register u64 x4 __asm__("x4") = (regs)->data[0];                        \
    register u64 x5 __asm__("x5") = (regs)->data[1];                        \
    register u64 x6 __asm__("x6") = (regs)->data[2];                        \
    register u64 x7 __asm__("x7") = (regs)->data[3];                        \
    __asm__ volatile(insn                                                   \
                     : "+r"(x2), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)     \
                     :                                                      \
                     : "memory");                                           \
    (regs)->base = x2;                                                      \
    (regs)->data[0] = x4;                                                   \
    (regs)->data[1] = x5;                                                   \
    (regs)->data[2] = x6;                                                   \
    (regs)->data[3] = x7;                                                   \
  } while (0)

static const struct regs fresh = {
    .base = TEST_BASE + 0x40,
    .data = {0x4444444444444444, 0x5555555555555555, 0x6666666666666666,
             0x7777777777777777},
};

static void report(const char *name, const struct regs *after) {
  print(name);
  put(' ');
  if (faults != 1) {
    print("no fault\n");
    return;
  }
  print_hex(esr);
  print(memcmp(after, &fresh, sizeof fresh) == 0 ? "\n" : " CHANGED\n");
}

#define TRY(name, insn)     \
  do {                      \
    struct regs r = fresh;  \
    faults = 0;             \
    RUN(insn, &r);          \
    report(name, &r);       \
  } while (0)

void main(void) {
  write_sysreg(vbar_el1, vectors);
  TRY("ldp x", "ldp x4, x5, [x2]");
  TRY("ldp w", "ldp w4, w5, [x2, #8]");
  TRY("ldpsw", "ldpsw x4, x5, [x2]");
  TRY("ldp!", "ldp x4, x5, [x2, #16]!");
  TRY("ldnp", "ldnp x4, x5, [x2]");
  TRY("stp x", "stp x4, x5, [x2]");
  TRY("stp w", "stp w4, w5, [x2], #8");
  TRY("ldr post", "ldr x4, [x2], #8");
  TRY("ldrsb pre", "ldrsb w4, [x2, #1]!");
  TRY("str post", "str w4, [x2], #-4");
  TRY("strh pre", "strh w4, [x2, #2]!");
  TRY("ldxr", "ldxr x4, [x2]");
  TRY("ldaxp", "ldaxp x4, x5, [x2]");
  TRY("ldadd", "ldadd x4, x5, [x2]");
  TRY("stset", "stset w4, [x2]");
  TRY("swpalb", "swpalb w4, w5, [x2]");
  TRY("cas", "cas x4, x5, [x2]");
  TRY("casp", "caspal x4, x5, x6, x7, [x2]");
}
