// Prose of a kind, from a small grammar, the same at every run.

#include "soak.h"

static const char *const subjects[] = {
    "the realm", "the host", "a device", "the monitor", "an interrupt",
    "the guest", "a granule", "the table"};
static const char *const verbs[] = {
    "reads", "writes", "enters", "leaves", "delegates", "measures", "ignores",
    "protects"};
static const char *const objects[] = {
    "a register", "the page", "an address", "its memory", "the syndrome",
    "nothing", "the run page", "a token"};

static u64 append(u8 *to, u64 at, u64 bytes, const char *word) {
  while (*word && at < bytes) to[at++] = *word++;
  return at;
}

u64 sample_text(u8 *to, u64 bytes) {
  u64 state = 0x5a3317e;
  u64 at = 0;
  while (at < bytes) {
    at = append(to, at, bytes, subjects[random_below(&state, 8)]);
    at = append(to, at, bytes, " ");
    at = append(to, at, bytes, verbs[random_below(&state, 8)]);
    at = append(to, at, bytes, " ");
    at = append(to, at, bytes, objects[random_below(&state, 8)]);
    at = append(to, at, bytes, random_below(&state, 4) ? ", " : ".\n");
  }
  return at;
}
