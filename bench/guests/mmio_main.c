// Times the device kernel on two registers of the PL011 by CNTVCT_EL0 and prints it by semihosting.
typedef unsigned long u64;

extern u64 bench_mmio(u64 iterations, u64 address);

static void call(u64 operation, void *argument) {
  register u64 x0 __asm__("x0") = operation;
  register void *x1 __asm__("x1") = argument;
  __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
}

static u64 now(void) {
  u64 ticks;
  __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks)::"memory");
  return ticks;
}

static u64 frequency(void) {
  u64 hz;
  __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
  return hz;
}

static char line[96];
static int length;

static void text(const char *from) {
  while (*from) line[length++] = *from++;
}

static void number(u64 value) {
  char digits[20];
  int count = 0;
  do digits[count++] = '0' + value % 10;
  while (value /= 10);
  while (count) line[length++] = digits[--count];
}

static void measure(const char *name, u64 address) {
  u64 from = now();
  bench_mmio(ITERATIONS, address);
  u64 ticks = now() - from;
  length = 0;
  text(name);
  text(" accesses ");
  number(2 * ITERATIONS);
  text(" ticks ");
  number(ticks);
  text(" hz ");
  number(frequency());
  text("\n");
  line[length] = 0;
  call(4, line);
}

void main(void) {
  measure("uartcr", 0x09000030);
  measure("uartibrd", 0x09000024);
  u64 exit[2] = {0x20026, 0};
  call(0x18, exit);
}
