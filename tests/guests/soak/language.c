// Programs in the toy language, with what they must print.

#include "soak.h"

static struct program program;
static s64 output[64];

static void runs(const char *source, const s64 *expected, u64 count) {
  u64 wrote = 0;
  compile(&program, source);
  if (program.error) {
    EXPECT(program.error_at, ~0UL);
    return;
  }
  EXPECT(execute(&program, output, COUNT(output), &wrote), 0);
  EXPECT(wrote, count);
  for (u64 n = 0; n < count && n < wrote; n++) EXPECT(output[n], expected[n]);
}

#define RUNS(source, ...)                        \
  do {                                           \
    static const s64 expected_[] = {__VA_ARGS__}; \
    runs(source, expected_, COUNT(expected_));   \
  } while (0)

static void refuses(const char *source, u64 at, const char *error) {
  compile(&program, source);
  EXPECT(program.error_at, at);
  HOLDS(program.error && text_equal(program.error, error));
}

static void faults(const char *source) {
  u64 wrote;
  compile(&program, source);
  HOLDS(!program.error);
  EXPECT(execute(&program, output, COUNT(output), &wrote), -9999);
}

static void test_expressions(void) {
  RUNS("print 1 + 2 * 3 - 4 / 2; print (1 + 2) * 3; print -7 / 2; print -7 % 3;",
       5, 9, -3, -1);
  RUNS("print 1 << 4 | 3 ^ 1 & 7; print ~0 >> 60; print !5; print !!5; print --5;",
       18, -1, 0, 1, 5);
  RUNS("print 1 < 2; print 2 <= 1; print 3 == 3; print 3 != 3; print 2 > 1 == 1;",
       1, 0, 1, 0, 1);
  RUNS("var x = 0; fn touch(v) { x = x + 1; return v; }"
       "print touch(0) && touch(1); print x; print touch(2) || touch(1); print x;"
       "print 1 && 2 && 3; print 0 || 0 || 4;",
       0, 1, 1, 2, 1, 1);
}

static void test_functions(void) {
  RUNS("fn fib(n) { if n < 2 { return n; } return fib(n - 1) + fib(n - 2); }"
       "print fib(8);",
       21);
  RUNS("fn gcd(a, b) { while b { var r = a % b; a = b; b = r; } return a; }"
       "print gcd(1071, 462); print gcd(17, 4);",
       21, 1);
  RUNS("fn ackermann(m, n) { if m == 0 { return n + 1; }"
       " if n == 0 { return ackermann(m - 1, 1); }"
       " return ackermann(m - 1, ackermann(m, n - 1)); }"
       "print ackermann(2, 2);",
       7);
  RUNS("fn kind(n) { if n < 0 { return 1; } else if n == 0 { return 2; }"
       " else { return 3; } } print kind(-5); print kind(0); print kind(5);"
       "fn nothing() { } print nothing();",
       1, 2, 3, 0);
}

static void test_programs(void) {
  RUNS("array flag[32]; var n = 2; var count = 0;"
       "while n < 32 { if !flag[n] { count = count + 1; var k = n * n;"
       " while k < 32 { flag[k] = 1; k = k + n; } } n = n + 1; }"
       "print count;",
       11);
  RUNS("array a[8]; var seed = 42; var i = 0;"
       "fn random() { seed = (seed * 1103515245 + 12345) % 2147483648;"
       " return seed / 65536; }"
       "while i < 8 { a[i] = random() % 100; i = i + 1; }"
       "fn sort(low, high) { if low >= high { return 0; }"
       " var pivot = a[(low + high) / 2]; var l = low; var h = high;"
       " while l <= h { while a[l] < pivot { l = l + 1; }"
       "  while a[h] > pivot { h = h - 1; }"
       "  if l <= h { var t = a[l]; a[l] = a[h]; a[h] = t; l = l + 1; h = h - 1; } }"
       " sort(low, h); sort(l, high); }"
       "sort(0, 7); i = 0; while i < 8 { print a[i]; i = i + 1; }",
       0, 33, 56, 61, 69, 77, 81, 93);
  RUNS("var n = 9; var steps = 0;"
       "while n != 1 { if n % 2 { n = 3 * n + 1; } else { n = n / 2; }"
       " steps = steps + 1; } print steps;",
       19);
  RUNS("fn power(b, e, m) { var r = 1; while e > 0 {"
       " if e & 1 { r = r * b % m; } b = b * b % m; e = e >> 1; } return r; }"
       "print power(3, 200, 1000007); print power(2, 62, 9223372036854775807);",
       959082, 4611686018427387904);
}

void test_language(void) {
  test_expressions();
  test_functions();
  test_programs();
  refuses("print 1 +;", 9, "unknown name");
  refuses("print 1", 7, ";");
  refuses("var x = 1; if x { print x;", 26, "}");
  refuses("y = 3;", 0, "unknown name");
  refuses("print averyveryveryverylongname;", 6, "word too long");
  faults("print 1 / 0;");
  faults("array a[3]; a[3] = 1;");
  faults("array a[3]; print a[-1];");
  faults("fn f(n) { return f(n + 1); } print f(0);");
}
