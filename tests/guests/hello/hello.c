// The demo: asks the RMM how wide the IPA space is, finds the PL011 behind the
// Unprotected alias, says hello the way a real driver does, and powers off.

#include "guest.h"

#define UARTDR 0x00
#define UARTFR 0x18
#define UARTLCR_H 0x2c
#define UARTCR 0x30

#define FR_TXFF (1u << 5)
#define LCR_H_FEN (1u << 4)
#define LCR_H_WLEN_8 (3u << 5)
#define CR_UARTEN (1u << 0)
#define CR_TXE (1u << 8)

// RsiRealmConfig, of which only the first field matters here.
static struct {
  u64 ipa_width;
  u8 rest[4088];
} config __attribute__((aligned(4096)));

static u64 find_uart(void) {
  u64 bits = 40;
  if (smc(RSI_REALM_CONFIG, (u64)&config, 0, 0).x0 == 0) bits = config.ipa_width;
  return (ALIAS ? 1UL << (bits - 1) : 0) | UART_IPA;
}

static void say(u64 uart, const char *text) {
  for (; *text; text++) {
    while (read32(uart + UARTFR) & FR_TXFF) {
    }
    write32(uart + UARTDR, (u8)*text);
  }
}

void main(void) {
  u64 uart = find_uart();
  write32(uart + UARTLCR_H, LCR_H_WLEN_8 | LCR_H_FEN);
  write32(uart + UARTCR, CR_UARTEN | CR_TXE);
  say(uart, "Hello from a realm.\n"
            "Each byte went the long way: abort, RMM, KVM, UART.\n"
            "Goodbye.\n");
}
