// What every guest shares: the board, calls to the RMM, and a console.

#ifndef GUEST_H
#define GUEST_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;

// The upper half of a 40-bit IPA space is the Unprotected alias. A build with
// ALIAS=0 (see build.sh) runs on a machine that is not a realm.
#ifndef ALIAS
#define ALIAS 0x8000000000UL
#endif

#define RAM_BASE 0x40000000UL
#define UART_IPA 0x09000000UL
#define RTC_IPA 0x09010000UL
#ifndef TEST_IPA // 4 KiB of device that keeps what is written to it
#define TEST_IPA (ALIAS ? 0x0b000000UL : 0x47000000UL) // else plain RAM
#endif

#define UART_BASE (ALIAS | UART_IPA)
#define RTC_BASE (ALIAS | RTC_IPA)
#define TEST_BASE (ALIAS | TEST_IPA)

#define PSCI_VERSION 0x84000000UL
#define PSCI_SYSTEM_OFF 0x84000008UL
#define PSCI_FEATURES 0x8400000aUL
#define RSI_VERSION 0xc4000190UL
#define RSI_FEATURES 0xc4000191UL
#define RSI_REALM_CONFIG 0xc4000196UL
#define RSI_HOST_CALL 0xc4000199UL

// Device accesses are single-register loads and stores without writeback, the
// forms whose abort carries a syndrome (ISV=1).
static inline u32 read32(u64 at) {
  u32 value;
  __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
  return value;
}

static inline void write32(u64 at, u32 value) {
  __asm__ volatile("str %w0, [%1]" : : "rZ"(value), "r"(at) : "memory");
}

// Results of a call to the RMM: X0 to X3.
struct result {
  u64 x0, x1, x2, x3;
};

struct result smc(u64 fid, u64 x1, u64 x2, u64 x3);
void power_off(void) __attribute__((noreturn));

#define read_sysreg(name)                                  \
  ({                                                       \
    u64 value_;                                            \
    __asm__ volatile("mrs %0, " #name : "=r"(value_));     \
    value_;                                                \
  })
#define write_sysreg(name, value)                          \
  __asm__ volatile("msr " #name ", %0\n\tisb"              \
                   :                                       \
                   : "rZ"((u64)(value))                    \
                   : "memory")

// What an exception found; vectors.S saves it and restores from it.
struct frame {
  u64 x[31];
  u64 elr, spsr, esr, far;
  u64 vector; // offset of the entry taken from VBAR_EL1
};

extern char vectors[];
void handle(struct frame *frame); // the guest's own, called by vectors.S

// The console. It writes UARTDR without asking UARTFR first, so that a trace
// has one access per character; hello and echo show the polite driver.
void put(char c);
void print(const char *text);
void print_hex(u64 value);
void print_dec(u64 value);
void line(const char *label, u64 value); // "label 0xvalue"

void *memset(void *to, int byte, u64 bytes);
void *memcpy(void *to, const void *from, u64 bytes);
void *memmove(void *to, const void *from, u64 bytes);
int memcmp(const void *a, const void *b, u64 bytes);

#endif
