#include "guest.h"

void put(char c) { write32(UART_BASE, (u8)c); }

void print(const char *text) {
  while (*text) put(*text++);
}

void print_hex(u64 value) {
  int shift = 60;
  while (shift > 0 && !(value >> shift)) shift -= 4;
  print("0x");
  for (; shift >= 0; shift -= 4) put("0123456789abcdef"[(value >> shift) & 15]);
}

void print_dec(u64 value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = '0' + value % 10;
    value /= 10;
  } while (value);
  while (n) put(digits[--n]);
}

void line(const char *label, u64 value) {
  print(label);
  put(' ');
  print_hex(value);
  put('\n');
}
