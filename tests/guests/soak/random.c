// A xorshift generator with a multiplier on the way out.

#include "soak.h"

u64 random_next(u64 *state) {
  u64 x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return x * 0x2545f4914f6cdd1dUL;
}

// Uniform enough: the high half of a 128-bit product.
u64 random_below(u64 *state, u64 limit) {
  return (u128)random_next(state) * limit >> 64;
}

void random_fill(u64 *state, u8 *to, u64 bytes) {
  u64 word = 0;
  for (u64 n = 0; n < bytes; n++) {
    if (n % 8 == 0) word = random_next(state);
    to[n] = word;
    word >>= 8;
  }
}
