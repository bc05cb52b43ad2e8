// Echoes what the PL011 receives until a line that says "quit" or Ctrl-D.

#include "guest.h"

#define UARTDR (UART_BASE + 0x00)
#define UARTFR (UART_BASE + 0x18)
#define UARTLCR_H (UART_BASE + 0x2c)
#define UARTCR (UART_BASE + 0x30)

#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define LCR_H_WLEN_8 (3u << 5)
#define CR_UARTEN (1u << 0)
#define CR_TXE (1u << 8)
#define CR_RXE (1u << 9)

#define CTRL_D 0x04

static u8 receive(void) {
  while (read32(UARTFR) & FR_RXFE) {
  }
  return read32(UARTDR) & 0xff;
}

static void send(u8 byte) {
  while (read32(UARTFR) & FR_TXFF) {
  }
  write32(UARTDR, byte);
}

void main(void) {
  // FEN stays clear: changing it would empty the receiver, and with it what
  // was typed before the guest got here.
  write32(UARTLCR_H, LCR_H_WLEN_8);
  write32(UARTCR, CR_UARTEN | CR_TXE | CR_RXE);
  u64 bytes = 0, lines = 0, length = 0;
  char start[4];
  for (;;) {
    u8 byte = receive();
    if (byte == CTRL_D) break;
    send(byte);
    bytes++;
    if (byte != '\n') {
      if (length < sizeof start) start[length] = byte;
      length++;
      continue;
    }
    lines++;
    if (length == 4 && memcmp(start, "quit", 4) == 0) break;
    length = 0;
  }
  print("echoed ");
  print_dec(bytes);
  print(" bytes, ");
  print_dec(lines);
  print(" lines\n");
}
