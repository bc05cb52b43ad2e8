// A formatter, against lines written by hand.

#include "soak.h"

struct out {
  char *to;
  u64 room, length;
};

struct spec {
  int left, plus, zero, alternate, precision; // precision -1: none given
  u64 width;
};

static void emit(struct out *out, char c) {
  if (out->length + 1 < out->room) out->to[out->length] = c;
  out->length++;
}

static void pad(struct out *out, char c, s64 n) {
  while (n-- > 0) emit(out, c);
}

static void emit_text(struct out *out, const struct spec *spec, const char *text) {
  s64 n = text_length(text);
  if (spec->precision >= 0 && n > spec->precision) n = spec->precision;
  s64 room = spec->width - n;
  if (!spec->left) pad(out, ' ', room);
  for (s64 k = 0; k < n; k++) emit(out, text[k]);
  if (spec->left) pad(out, ' ', room);
}

static void emit_number(struct out *out, const struct spec *spec, u64 value,
                        int negative, u64 base) {
  char digits[64];
  s64 n = 0;
  const char *prefix = negative ? "-" : spec->plus ? "+" : "";
  if (spec->alternate && value) prefix = base == 16 ? "0x" : base == 8 ? "0" : prefix;
  while (value) {
    digits[n++] = "0123456789abcdef"[value % base];
    value /= base;
  }
  s64 least = spec->precision >= 0 ? spec->precision : 1;
  s64 body = (n > least ? n : least) + text_length(prefix);
  s64 room = (s64)spec->width - body;
  int zeros = spec->zero && !spec->left && spec->precision < 0;
  if (!spec->left && !zeros) pad(out, ' ', room);
  while (*prefix) emit(out, *prefix++);
  if (zeros) pad(out, '0', room);
  pad(out, '0', least - n);
  while (n > 0) emit(out, digits[--n]);
  if (spec->left) pad(out, ' ', room);
}

static const char *parse_spec(const char *at, struct spec *spec) {
  *spec = (struct spec){.precision = -1};
  for (;; at++) {
    if (*at == '-') spec->left = 1;
    else if (*at == '+') spec->plus = 1;
    else if (*at == '0') spec->zero = 1;
    else if (*at == '#') spec->alternate = 1;
    else break;
  }
  for (; '0' <= *at && *at <= '9'; at++) spec->width = spec->width * 10 + *at - '0';
  if (*at != '.') return at;
  spec->precision = 0;
  for (at++; '0' <= *at && *at <= '9'; at++) {
    spec->precision = spec->precision * 10 + *at - '0';
  }
  return at;
}

u64 format(char *to, u64 room, const char *pattern, ...) {
  struct out out = {to, room, 0};
  struct spec spec;
  __builtin_va_list arguments;
  __builtin_va_start(arguments, pattern);
  for (; *pattern; pattern++) {
    if (*pattern != '%') {
      emit(&out, *pattern);
      continue;
    }
    pattern = parse_spec(pattern + 1, &spec);
    int wide = *pattern == 'l';
    if (wide) pattern++;
    char letter[2] = {0};
    u64 value = 0;
    if (*pattern == 's') {
      emit_text(&out, &spec, __builtin_va_arg(arguments, const char *));
      continue;
    }
    if (*pattern == '%') {
      emit(&out, '%');
      continue;
    }
    value = wide ? __builtin_va_arg(arguments, u64) : __builtin_va_arg(arguments, u32);
    switch (*pattern) {
      case 'c':
        letter[0] = value;
        emit_text(&out, &spec, letter);
        break;
      case 'd': {
        s64 number = wide ? (s64)value : (s32)value;
        emit_number(&out, &spec, number < 0 ? -(u64)number : (u64)number, number < 0, 10);
        break;
      }
      case 'x':
        emit_number(&out, &spec, value, 0, 16);
        break;
      case 'o':
        emit_number(&out, &spec, value, 0, 8);
        break;
      case 'b':
        emit_number(&out, &spec, value, 0, 2);
        break;
      default:
        emit_number(&out, &spec, value, 0, 10);
    }
  }
  __builtin_va_end(arguments);
  if (room) to[out.length < room ? out.length : room - 1] = 0;
  return out.length;
}

#define SHOWS(expected, ...)                        \
  do {                                              \
    char line_[96];                                 \
    u64 n_ = format(line_, sizeof line_, __VA_ARGS__); \
    EXPECT(n_, text_length(expected));              \
    HOLDS(text_equal(line_, expected));             \
  } while (0)

void test_format(void) {
  SHOWS("plain 100%", "plain 100%%");
  SHOWS("0 -1 2147483647 -2147483648", "%d %d %d %d", 0, -1, 0x7fffffff,
        0x80000000);
  SHOWS("-9223372036854775808", "%ld", 1UL << 63);
  SHOWS("18446744073709551615", "%lu", ~0UL);
  SHOWS("ffffffff ffffffffffffffff", "%x %lx", ~0u, ~0UL);
  SHOWS("[   42][42   ][00042][+42]", "[%5d][%-5d][%05d][%+d]", 42, 42, 42, 42);
  SHOWS("[ -042][-0042]", "[%5.3d][%05d]", -42, -42);
  SHOWS("0x2a 052 101010", "%#x %#o %b", 42, 42, 42);
  SHOWS("[abc][  abc][abc  ][ab]", "[%s][%5s][%-5s][%.2s]", "abc", "abc", "abc",
        "abc");
  SHOWS("a-b  -c", "%c-%-3c-%c", 'a', 'b', 'c');
  SHOWS("[]", "[%.0d]", 0);
  SHOWS("777 1777777777777777777777", "%o %lo", 0777, ~0UL);
  // All ten arguments: registers first, then the stack.
  SHOWS("1 2 3 4 5 6 7 8 9 10", "%d %d %d %d %d %d %d %ld %d %ld", 1, 2, 3, 4, 5,
        6, 7, 8UL, 9, 10UL);
  char small[8];
  EXPECT(format(small, sizeof small, "%s", "too long"), 8);
  HOLDS(text_equal(small, "too lon"));
  EXPECT(format(0, 0, "%08lx", 1UL), 8);
}
