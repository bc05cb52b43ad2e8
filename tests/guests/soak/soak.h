// The soak guest: modules that check their own results.

#ifndef SOAK_H
#define SOAK_H

#include "guest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef unsigned __int128 u128;

// Counts one check; a failure prints module, line, both values.
void expect_at(int line, u64 found, u64 expected);
#define EXPECT(found, expected) \
  expect_at(__LINE__, (u64)(found), (u64)(expected))
#define HOLDS(condition) expect_at(__LINE__, !!(condition), 1)

// random.c: reproducible, 64 bits of state.
u64 random_next(u64 *state);
u64 random_below(u64 *state, u64 limit);
void random_fill(u64 *state, u8 *to, u64 bytes);

// bits.c: the set bits of a word (the compiler would use SIMD).
u64 count_ones(u64 x);

// text.c
u64 text_length(const char *text);
int text_compare(const char *a, const char *b);
int text_equal(const char *a, const char *b);

// sha256.c: used by others as a fingerprint.
void sha256(const u8 *data, u64 bytes, u8 digest[32]);
u32 fingerprint(const void *data, u64 bytes); // first four bytes, big-endian

// sample.c: text with the redundancy of prose, for the compressors.
u64 sample_text(u8 *to, u64 bytes);

// format.c: snprintf's subset %d %u %x %o %b %c %s %%, with flags - + 0 #,
// width, precision and the length l.
u64 format(char *to, u64 room, const char *pattern, ...);

// compile.c and machine.c: a toy language and the machine it runs on.
struct program {
  u8 code[2048];
  u64 length;
  const char *error; // null when it compiled
  u64 error_at;
};
void compile(struct program *program, const char *source);
s64 execute(const struct program *program, s64 *output, u64 room, u64 *wrote);

#endif
