// Runs every module and adds up.

#include "soak.h"

#define MODULES(X)                                                             \
  X(sha256) X(crc) X(cipher) X(bits) X(divide) X(bignum) X(prime) X(sort)      \
  X(text) X(format) X(codec) X(lz) X(huffman) X(alloc) X(hashmap)              \
  X(rbtree) X(heap) X(graph) X(matrix) X(fixed) X(puzzle) X(life) X(language)

#define DECLARE(name) void test_##name(void);
MODULES(DECLARE)

static const struct module {
  const char *name;
  void (*test)(void);
} modules[] = {
#define ROW(name) {#name, test_##name},
    MODULES(ROW)};

static const char *current;
static u64 checks, failures;

void expect_at(int where, u64 found, u64 expected) {
  checks++;
  if (found == expected) return;
  failures++;
  print("FAIL ");
  print(current);
  print(" line ");
  print_dec(where);
  print(" found ");
  print_hex(found);
  line(" expected", expected);
}

void main(void) {
  for (u64 n = 0; n < COUNT(modules); n++) {
    u64 checks_before = checks, failures_before = failures;
    current = modules[n].name;
    modules[n].test();
    print(current);
    put(' ');
    print_dec(checks - checks_before);
    print(failures == failures_before ? " ok\n" : " FAILED\n");
  }
  print_dec(checks);
  print(" checks, ");
  print_dec(failures);
  print(" failed\n");
}
