#include "tables.h"

#define ENTRIES 512

typedef u64 table[ENTRIES];

static table low0, low1, low2_devices, low2_ram, low3_uart, low3_test,
    low3_window, alias1, alias2, high0, high1
    __attribute__((aligned(4096)));

static u8 pages[4][4096] __attribute__((aligned(4096)));

extern char user[];

static u64 index(u64 va, int level) { return va >> (39 - 9 * level) & 511; }

static void link(table above, u64 va, int level, table below) {
  above[index(va, level)] = (u64)below | TABLE | VALID;
}

static void page(table level3, u64 va, u64 pa, u64 attributes) {
  level3[index(va, 3)] = pa | attributes | ACCESSED | TABLE | VALID;
}

static void block(table at, u64 va, int level, u64 pa, u64 attributes) {
  at[index(va, level)] = pa | attributes | ACCESSED | VALID;
}

static void build_window(void) {
  u64 ram = NORMAL | INNER;
  page(low3_window, PAGE_RW, (u64)pages[0], ram | PXN | UXN);
  page(low3_window, PAGE_RW + 4096, (u64)pages[1], ram | PXN | UXN);
  page(low3_window, PAGE_RO, (u64)pages[2], ram | READ_ONLY | PXN | UXN);
  page(low3_window, PAGE_OLD, (u64)pages[2], ram | PXN | UXN);
  low3_window[index(PAGE_OLD, 3)] &= ~ACCESSED;
  page(low3_window, PAGE_XN, (u64)user, ram | PXN | UXN);
  page(low3_window, USER_CODE, (u64)user, ram | USER | READ_ONLY | PXN);
  page(low3_window, USER_DATA, (u64)pages[3], ram | USER | PXN | UXN);
}

// Low half: RAM at its own address, devices at two, the window. High half: RAM.
void build_tables(void) {
  u64 device = DEVICE | PXN | UXN;
  link(low0, RAM_BASE, 0, low1);
  link(low1, RAM_BASE, 1, low2_ram);
  block(low2_ram, RAM_BASE, 2, RAM_BASE, NORMAL | INNER | UXN);
  link(low1, UART_LOW, 1, low2_devices);
  link(low2_devices, UART_LOW, 2, low3_uart);
  page(low3_uart, UART_LOW, UART_BASE, device);
  link(low2_devices, TEST_LOW, 2, low3_test);
  page(low3_test, TEST_LOW, TEST_BASE, device);
  static table low2_window __attribute__((aligned(4096)));
  link(low1, WINDOW, 1, low2_window);
  link(low2_window, WINDOW, 2, low3_window);
  build_window();
  if (ALIAS) {
    link(low0, UART_BASE, 0, alias1);
    link(alias1, UART_BASE, 1, alias2);
    block(alias2, UART_BASE, 2, UART_BASE, device);
  }
  link(high0, RAM_BASE, 0, high1);
  block(high1, RAM_BASE, 1, RAM_BASE, NORMAL | INNER | UXN);
}

void mmu_on(void) {
  u64 walk = 1UL << 8 | 1UL << 10 | 3UL << 12; // write-back, inner shareable
  u64 tcr = 16 | 16UL << 16 | walk | walk << 16 | 2UL << 30 | 2UL << 32;
  write_sysreg(mair_el1, 0x04ff);
  write_sysreg(tcr_el1, tcr);
  write_sysreg(ttbr0_el1, low0);
  write_sysreg(ttbr1_el1, high0);
  __asm__ volatile("dsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
  u64 sctlr = read_sysreg(sctlr_el1);
  write_sysreg(sctlr_el1, sctlr | 1UL << 0 | 1UL << 2 | 1UL << 12); // M, C, I
}

void make_writable(u64 va) {
  u64 *entry = &low3_window[index(va, 3)];
  u64 whole = *entry & ~READ_ONLY;
  *entry = 0; // break before make
  __asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0\n\tdsb ish\n\tisb"
                   :
                   : "r"(va >> 12)
                   : "memory");
  *entry = whole;
  __asm__ volatile("dsb ishst\n\tisb" : : : "memory");
}
