// What the compiler may call on its own. With the MMU off all memory is
// Device, so every access here is aligned: bytes, or words where both fit.

#include "guest.h"

void *memset(void *to, int byte, u64 bytes) {
  u8 *t = to;
  u64 word = 0x0101010101010101UL * (u8)byte;
  for (; bytes && ((u64)t & 7); bytes--) *t++ = byte;
  for (; bytes >= 8; bytes -= 8, t += 8) *(u64 *)t = word;
  for (; bytes; bytes--) *t++ = byte;
  return to;
}

void *memcpy(void *to, const void *from, u64 bytes) {
  u8 *t = to;
  const u8 *f = from;
  if ((((u64)t | (u64)f) & 7) == 0) {
    for (; bytes >= 8; bytes -= 8, t += 8, f += 8) *(u64 *)t = *(const u64 *)f;
  }
  for (; bytes; bytes--) *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, u64 bytes) {
  u8 *t = to;
  const u8 *f = from;
  if (t < f) return memcpy(to, from, bytes);
  while (bytes) {
    bytes--;
    t[bytes] = f[bytes];
  }
  return to;
}

int memcmp(const void *a, const void *b, u64 bytes) {
  const u8 *x = a, *y = b;
  for (; bytes; bytes--, x++, y++) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}
