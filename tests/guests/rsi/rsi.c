// Calls a realm makes of its RMM: RSI, PSCI, one nobody knows; then what traps
// to it: HVC and the ID registers.

#include "guest.h"

#define SMCCC_VERSION 0x80000000UL
#define PSCI_CPU_ON 0xc4000003UL
#define PSCI_AFFINITY_INFO 0xc4000004UL
#define RSI_IPA_STATE_GET 0xc4000198UL

static struct {
  u64 ipa_width;
  u64 hash_algorithm;
  u8 rest[4080];
} config __attribute__((aligned(4096)));

static struct {
  u64 imm;
  u64 gprs[31];
} host_call __attribute__((aligned(256)));

static struct frame seen;
static u64 faults;

void handle(struct frame *frame) {
  seen = *frame;
  faults++; // HVC: ELR_EL1 is already past the instruction
}

static void call(const char *name, u64 fid, u64 x1, u64 x2, int outputs) {
  struct result r = smc(fid, x1, x2, 0);
  u64 out[] = {r.x0, r.x1, r.x2};
  print(name);
  for (int n = 0; n < outputs; n++) {
    put(' ');
    print_hex(out[n]);
  }
  put('\n');
}

static void hvc(void) {
  u64 after;
  __asm__ volatile("adr %0, 1f\n\thvc #0\n1:" : "=&r"(after) : : "memory");
  line("HVC faults", faults);
  line("ESR_EL1", seen.esr);
  line("ELR_EL1 - next", seen.elr - after);
}

static void counter(void) {
  u64 backwards = 0, last = 0;
  for (int n = 0; n < 100; n++) {
    u64 now = read_sysreg(cntvct_el0);
    backwards += now < last;
    last = now;
  }
  line("CNTVCT_EL0 backwards", backwards);
  line("CNTVCT_EL0 moves", last != 0);
}

void main(void) {
  write_sysreg(vbar_el1, vectors);
  call("SMCCC_VERSION", SMCCC_VERSION, 0, 0, 1);
  call("RSI_VERSION 1.0", RSI_VERSION, 0x10000, 0, 3);
  call("RSI_VERSION 9.9", RSI_VERSION, 0x90009, 0, 3);
  call("RSI_FEATURES 0", RSI_FEATURES, 0, 0, 2);
  call("REALM_CONFIG", RSI_REALM_CONFIG, (u64)&config, 0, 1);
  line("ipa_width", config.ipa_width);
  line("hash", config.hash_algorithm & 0xff);
  call("REALM_CONFIG +8", RSI_REALM_CONFIG, (u64)&config + 8, 0, 1);
  call("RIPAS of RAM", RSI_IPA_STATE_GET, (u64)&config, (u64)&config + 4096, 3);
  call("RIPAS of UART", RSI_IPA_STATE_GET, UART_IPA, UART_IPA + 4096, 3);
  host_call.imm = 0x2a;
  host_call.gprs[0] = 0x1111;
  call("HOST_CALL", RSI_HOST_CALL, (u64)&host_call, 0, 1);
  line("gprs[0]", host_call.gprs[0]);
  call("HOST_CALL +8", RSI_HOST_CALL, (u64)&host_call + 8, 0, 1);
  call("PSCI_VERSION", PSCI_VERSION, 0, 0, 1);
  call("FEATURES OFF", PSCI_FEATURES, PSCI_SYSTEM_OFF, 0, 1);
  call("FEATURES VERSION", PSCI_FEATURES, PSCI_VERSION, 0, 1);
  call("CPU_ON self", PSCI_CPU_ON, 0, RAM_BASE, 1);
  call("AFFINITY self", PSCI_AFFINITY_INFO, 0, 0, 1);
  call("AFFINITY 77", PSCI_AFFINITY_INFO, 77, 0, 1);
  call("unknown", 0xc600ffffUL, 1, 2, 3);
  hvc();
  line("PFR0", read_sysreg(id_aa64pfr0_el1));
  line("MMFR0", read_sysreg(id_aa64mmfr0_el1));
  line("ISAR0", read_sysreg(id_aa64isar0_el1));
  counter();
}
