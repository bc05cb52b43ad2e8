// The classic mistake: a driver that uses the Protected address of a device.
// The RIPAS there is EMPTY, so the RMM injects an SEA and the host never knows.
// An address beyond the IPA space goes the same way, and so does a fetch from
// the Unprotected half. The guest lives through all of them.

#include "guest.h"

#define UARTFR 0x18

void probe_ldr(u64 at);
void probe_ldrsb(u64 at);
void probe_strb(u64 at);
void probe_stp(u64 at);
void probe_fetch(u64 at);

static struct frame seen;
static u64 faults;

void handle(struct frame *frame) {
  seen = *frame;
  faults++;
  u64 class = frame->esr >> 26;
  // After a fetch abort there is no instruction to step over: return to the
  // caller of the probe.
  frame->elr = class == 0x21 ? frame->x[30] : frame->elr + 4;
}

static void try(const char *name, void (*probe)(u64), u64 at, u64 pc) {
  u64 before = faults;
  probe(at);
  print(name);
  if (faults == before) {
    print(" no fault\n");
    return;
  }
  print(" esr ");
  print_hex(seen.esr);
  print(" far ");
  print_hex(seen.far);
  print(seen.elr == pc ? " elr ok" : " elr WRONG");
  if (seen.vector != 0x200) line(" vector", seen.vector);
  put('\n');
}

static void try_data(const char *name, void (*probe)(u64), u64 at) {
  try(name, probe, at, (u64)probe);
}

static void try_fetch(const char *name, u64 at) {
  try(name, probe_fetch, at, at);
}

void main(void) {
  write_sysreg(vbar_el1, vectors);
  u64 protected = UART_IPA + UARTFR;
  try_data("ldr", probe_ldr, protected);
  try_data("ldrsb", probe_ldrsb, protected);
  try_data("strb", probe_strb, protected);
  try_data("stp", probe_stp, protected);
  try_data("beyond", probe_ldr, 1UL << 40);
  try_fetch("fetch", UART_IPA);
  try_fetch("fetch alias", UART_BASE);
  try_data("alias", probe_ldr, UART_BASE + UARTFR);
}
