// Stage 1 tables: 4 KiB granule, 48-bit addresses in both halves.

#ifndef TABLES_H
#define TABLES_H

#include "guest.h"

// Descriptor bits.
#define VALID (1UL << 0)
#define TABLE (1UL << 1) // at level 3: page
#define NORMAL (0UL << 2)
#define DEVICE (1UL << 2)
#define USER (1UL << 6) // AP[1]: EL0 may access
#define READ_ONLY (1UL << 7)
#define INNER (3UL << 8)
#define ACCESSED (1UL << 10)
#define PXN (1UL << 53)
#define UXN (1UL << 54)

// Where things are, as virtual addresses.
#define HIGH 0xffff000000000000UL   // RAM again, through TTBR1
#define WINDOW 0x80000000UL         // pages with one property each
#define UART_LOW 0x09000000UL       // the Protected address, mapped to the alias
#define TEST_LOW 0x0b000000UL       // likewise
#define PAGE_RW (WINDOW + 0x0000)   // two pages, adjacent
#define PAGE_RO (WINDOW + 0x2000)
#define PAGE_OLD (WINDOW + 0x3000)  // access flag clear
#define PAGE_NONE (WINDOW + 0x4000)
#define PAGE_XN (WINDOW + 0x5000)
#define USER_CODE (WINDOW + 0x6000)
#define USER_DATA (WINDOW + 0x7000)

void build_tables(void);
void mmu_on(void);
void make_writable(u64 va); // replaces PAGE_RO's descriptor

#endif
