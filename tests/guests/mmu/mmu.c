// Stage 1 translation: turns the MMU on, moves to the high half, takes every
// kind of fault there is, and visits EL0.

#include "tables.h"

void enter_user(u64 pc, u64 sp, u64 x0);
extern char leave_user[];

static struct frame seen;
static u64 faults, loud;

// FAR_EL1 means something after aborts and alignment faults only.
static int has_far(u64 class) { return 0x20 <= class && class <= 0x25; }

// What a call through a bad pointer leaves behind: there is no instruction to
// step over, but X30 says where the caller goes on.
static int is_fetch(u64 class) { return class == 0x21 || class == 0x22; }

void handle(struct frame *frame) {
  u64 class = frame->esr >> 26;
  seen = *frame;
  faults++;
  if (loud) {
    print("user ");
    print_hex(frame->vector);
    line("", frame->esr);
  }
  if (class == 0x15) { // SVC: ELR_EL1 is already past it
    if ((frame->esr & 0xffff) == 1) {
      frame->elr = (u64)leave_user;
      frame->spsr = 0x3c5;
    }
    return;
  }
  frame->elr = is_fetch(class) ? frame->x[30] : frame->elr + 4;
}

static u64 load(u64 at) {
  u64 value = 0;
  __asm__ volatile("ldr %0, [%1]" : "+r"(value) : "r"(at) : "memory");
  return value;
}

static void load_as_user(u64 at) {
  __asm__ volatile("ldtr x9, [%0]" : : "r"(at) : "x9", "memory");
}

static void load_exclusive(u64 at) {
  __asm__ volatile("ldxr x9, [%0]" : : "r"(at) : "x9", "memory");
}

static void store(u64 at, u64 value) {
  __asm__ volatile("str %0, [%1]" : : "r"(value), "r"(at) : "memory");
}

static void report(const char *name, u64 before) {
  print(name);
  if (faults == before) {
    print(" no fault\n");
    return;
  }
  put(' ');
  print_hex(seen.esr);
  if (has_far(seen.esr >> 26)) {
    put(' ');
    print_hex(seen.far);
  }
  put('\n');
}

#define TRY(name, access) \
  do {                    \
    u64 before = faults;  \
    access;               \
    report(name, before); \
  } while (0)

static void fetch(u64 at) {
  __asm__ volatile("blr %0" : : "r"(at) : "x30", "memory");
}

static void data_faults(void) {
  TRY("read RO", load(PAGE_RO));
  TRY("write RO", store(PAGE_RO + 8, 1));
  TRY("access flag", load(PAGE_OLD));
  TRY("level 3", load(PAGE_NONE));
  TRY("level 2", load(WINDOW + 0x200000));
  TRY("level 1", load(0x100000000));
  TRY("level 0", store(0x30000000000, 1));
  TRY("high level 1", load(HIGH));
  TRY("hole", load(0x1000000000000));
  TRY("ldtr", load_as_user(PAGE_RW));
  TRY("ldtr user", load_as_user(USER_DATA));
  write_sysreg(pan, 1UL << 22);
  TRY("pan", load(USER_DATA));
  write_sysreg(pan, 0);
  TRY("ldxr odd", load_exclusive(PAGE_RW + 4));
  make_writable(PAGE_RO);
  TRY("write RW", store(PAGE_RO + 8, 1));
}

static void fetch_faults(void) {
  TRY("fetch XN", fetch(PAGE_XN));
  TRY("fetch none", fetch(PAGE_NONE));
  TRY("fetch odd", fetch(HIGH + RAM_BASE + 2));
  TRY("brk", __asm__ volatile("brk #0x123" : : : "memory"));
  TRY("svc", __asm__ volatile("svc #0x45" : : : "memory"));
}

static u64 translate(u64 va) {
  __asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(va) : "memory");
  return read_sysreg(par_el1);
}

// Unaligned accesses, one of them over the edge of a page.
static void unaligned(void) {
  for (u64 n = 0; n < 3; n++) {
    store(PAGE_RW + 0xff0 + 5 * n, 0x1111111111111111 * (n + 1));
  }
  line("unaligned", load(PAGE_RW + 0xff3));
  line("over the edge", load(PAGE_RW + 0xffa));
}

static void high(void) {
  u64 pc;
  __asm__ volatile("adr %0, ." : "=r"(pc));
  line("running at", pc & ~0xfffffUL);
  write_sysreg(vbar_el1, vectors); // PC-relative: the high address
  unaligned();
  data_faults();
  fetch_faults();
  line("AT high", translate(HIGH + RAM_BASE) & 0xfffffffff001);
  line("AT none", translate(PAGE_NONE) & 0xfff);
  u32 direct = read32(UART_BASE + 0x18);
  line("UARTFR equal", read32(UART_LOW + 0x18) == direct);
  write32(TEST_LOW, 0x12345678);
  line("device", read32(TEST_LOW));
  loud = 1;
  enter_user(USER_CODE, USER_DATA + 4096, PAGE_RW);
  line("back with", *(u64 *)(PAGE_RW + 0xff0));
}

// Calls `function` at its high address, on the high address of the stack.
static void call_high(void (*function)(void)) {
  register u64 target __asm__("x19") = (u64)function + HIGH;
  register u64 offset __asm__("x20") = HIGH;
  __asm__ volatile(
      "mov x21, sp\n\t"
      "add sp, x21, x20\n\t"
      "blr x19\n\t"
      "mov sp, x21"
      : "+r"(target), "+r"(offset)
      :
      : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
        "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x21", "x30",
        "cc", "memory");
}

void main(void) {
  write_sysreg(vbar_el1, vectors);
  static u64 word[2];
  TRY("MMU off, odd", load((u64)word + 4));
  build_tables();
  mmu_on();
  print("MMU on\n");
  call_high(high);
  write_sysreg(vbar_el1, vectors);
}
