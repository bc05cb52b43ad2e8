// One floating-point instruction. recrun leaves FP and SIMD out, so it takes
// an UNDEF through the guest's own vector; the guest steps over it.

#include "guest.h"

static struct frame seen;

void handle(struct frame *frame) {
  seen = *frame;
  frame->elr += 4;
}

void main(void) {
  write_sysreg(vbar_el1, vectors);
  write_sysreg(cpacr_el1, 3 << 20); // FP is not trapped by the guest itself
  print("fmov d0, #1.0\n");
  __asm__ volatile(".arch_extension fp\n\tfmov d0, #1.0");
  if (seen.vector == 0) {
    print("executed\n");
    return;
  }
  line("vector", seen.vector);
  line("ESR_EL1", seen.esr);
  line("insn", *(u32 *)seen.elr);
}
