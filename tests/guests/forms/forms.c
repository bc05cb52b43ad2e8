// Every form of a single-register load and store against the test device. All
// members of a family must agree; a family is one line of output: what it read
// or what the device holds after its last store, and how many forms it has.

#include "guest.h"

typedef u64 load_form(u64 at);
typedef void store_form(u64 at, u64 value);

typedef void *const table[];

extern table forms_ldrb, forms_ldrsb_w, forms_ldrsb_x, forms_ldrh,
    forms_ldrsh_w, forms_ldrsh_x, forms_ldr_w, forms_ldrsw, forms_ldr_x,
    forms_strb, forms_strh, forms_str_w, forms_str_x, forms_zero, forms_discard,
    forms_literal;

// A datum with every sign bit set, and one with every sign bit clear.
#define NEGATIVE 0xf1e2d3c4b5a69788UL
#define POSITIVE 0x7162534435261708UL
#define LOAD_AT (TEST_BASE + 0x100)
#define STORE_AT (TEST_BASE + 0x200)

static u64 passed, failed;

static void check(const char *name, u64 form, u64 found, u64 expected) {
  if (found == expected) {
    passed++;
    return;
  }
  failed++;
  print("FAIL ");
  print(name);
  print(" form ");
  print_dec(form);
  line(" found", found);
}

static void summary(const char *name, u64 value, u64 forms) {
  print(name);
  put(' ');
  print_hex(value);
  print(" x");
  print_dec(forms);
  put('\n');
}

static void write64(u64 at, u64 value) {
  __asm__ volatile("str %0, [%1]" : : "r"(value), "r"(at) : "memory");
}

static u64 read64(u64 at) {
  u64 value;
  __asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(at) : "memory");
  return value;
}

// The forms of a family take turns with the two data.
static void loads(const char *name, table forms, u64 negative,
                  u64 positive) {
  u64 n = 0;
  for (; forms[n]; n++) {
    load_form *load = (load_form *)forms[n];
    check(name, n, load(LOAD_AT + 8 * (n & 1)), n & 1 ? positive : negative);
  }
  summary(name, negative, n);
}

static void stores(const char *name, table forms, u64 mask) {
  static u64 value = 0x0123456789abcdefUL;
  u64 held = read64(STORE_AT);
  u64 n = 0;
  for (; forms[n]; n++) {
    store_form *store = (store_form *)forms[n];
    value = (value << 7 | value >> 57) + 1;
    store(STORE_AT, value);
    held = (held & ~mask) | (value & mask);
    check(name, n, read64(STORE_AT), held);
  }
  summary(name, held, n);
}

static void zeros(void) {
  u64 left[] = {NEGATIVE & ~0xffUL, NEGATIVE & ~0xffffUL,
                NEGATIVE & ~0xffffffffUL, 0, 0};
  for (u64 n = 0; n < 5; n++) {
    write64(STORE_AT, NEGATIVE);
    ((store_form *)forms_zero[n])(STORE_AT, ~0UL);
    check("str zr", n, read64(STORE_AT), left[n]);
  }
}

static void discards(void) {
  for (u64 n = 0; forms_discard[n]; n++) {
    check("ldr zr", n, ((load_form *)forms_discard[n])(LOAD_AT), LOAD_AT);
  }
}

static void literals(void) {
  u64 expected[] = {0x88776655, 0xfedcba9888776655, 0xffffffff88776655};
  for (u64 n = 0; n < 3; n++) {
    check("ldr =", n, ((load_form *)forms_literal[n])(0), expected[n]);
  }
}

void main(void) {
  write64(LOAD_AT, NEGATIVE);
  write64(LOAD_AT + 8, POSITIVE);
  loads("ldrb", forms_ldrb, 0x88, 0x08);
  loads("ldrsb w", forms_ldrsb_w, 0xffffff88, 0x08);
  loads("ldrsb x", forms_ldrsb_x, 0xffffffffffffff88, 0x08);
  loads("ldrh", forms_ldrh, 0x9788, 0x1708);
  loads("ldrsh w", forms_ldrsh_w, 0xffff9788, 0x1708);
  loads("ldrsh x", forms_ldrsh_x, 0xffffffffffff9788, 0x1708);
  loads("ldr w", forms_ldr_w, 0xb5a69788, 0x35261708);
  loads("ldrsw", forms_ldrsw, 0xffffffffb5a69788, 0x35261708);
  loads("ldr x", forms_ldr_x, NEGATIVE, POSITIVE);
  stores("strb", forms_strb, 0xff);
  stores("strh", forms_strh, 0xffff);
  stores("str w", forms_str_w, 0xffffffff);
  stores("str x", forms_str_x, ~0UL);
  zeros();
  discards();
  literals();
  print("PASS ");
  print_dec(passed);
  print(" FAIL ");
  print_dec(failed);
  put('\n');
}
