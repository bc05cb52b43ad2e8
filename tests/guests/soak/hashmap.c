// A map from text to numbers: open addressing, robin hood order, deletion by
// shifting back, growth by doubling.

#include "soak.h"

#define SLOTS_MAX 512

struct slot {
  char key[12];
  u32 value; // key[0] == 0: empty
};

struct map {
  struct slot slot[SLOTS_MAX];
  u32 slots, used;
};

static u32 hash(const char *key) {
  u32 h = 0x811c9dc5;
  while (*key) h = (h ^ (u8)*key++) * 0x01000193;
  return h ^ h >> 15;
}

static u32 distance(const struct map *map, u32 at) {
  return (at - hash(map->slot[at].key)) & (map->slots - 1);
}

static struct slot *find(struct map *map, const char *key) {
  u32 at = hash(key) & (map->slots - 1);
  for (u32 far = 0; map->slot[at].key[0]; far++) {
    if (distance(map, at) < far) return 0;
    if (text_equal(map->slot[at].key, key)) return &map->slot[at];
    at = (at + 1) & (map->slots - 1);
  }
  return 0;
}

static void place(struct map *map, struct slot slot) {
  u32 at = hash(slot.key) & (map->slots - 1);
  for (u32 far = 0; map->slot[at].key[0]; far++) {
    u32 other = distance(map, at);
    if (other < far) { // the richer one moves on
      struct slot t = map->slot[at];
      map->slot[at] = slot;
      slot = t;
      far = other;
    }
    at = (at + 1) & (map->slots - 1);
  }
  map->slot[at] = slot;
  map->used++;
}

static void grow(struct map *map) {
  static struct slot old[SLOTS_MAX];
  u32 slots = map->slots;
  memcpy(old, map->slot, sizeof(struct slot) * slots);
  memset(map->slot, 0, sizeof(struct slot) * slots);
  map->slots = 2 * slots;
  map->used = 0;
  for (u32 n = 0; n < slots; n++) {
    if (old[n].key[0]) place(map, old[n]);
  }
}

static void set(struct map *map, const char *key, u32 value) {
  struct slot *found = find(map, key);
  if (found) {
    found->value = value;
    return;
  }
  if (map->used * 5 >= map->slots * 4) grow(map);
  struct slot slot = {{0}, value};
  for (u32 n = 0; key[n]; n++) slot.key[n] = key[n];
  place(map, slot);
}

static int erase(struct map *map, const char *key) {
  struct slot *found = find(map, key);
  if (!found) return 0;
  u32 at = found - map->slot;
  for (;;) {
    u32 next = (at + 1) & (map->slots - 1);
    if (!map->slot[next].key[0] || distance(map, next) == 0) break;
    map->slot[at] = map->slot[next];
    at = next;
  }
  map->slot[at] = (struct slot){{0}, 0};
  map->used--;
  return 1;
}

static void key_of(u32 n, char *key) {
  static const char syllables[] = "barecodiluma";
  u32 at = 0;
  for (n += 6; n; n /= 6) {
    key[at++] = syllables[n % 6 * 2];
    key[at++] = syllables[n % 6 * 2 + 1];
  }
  key[at] = 0;
}

void test_hashmap(void) {
  static struct map map = {.slots = 16};
  char key[12];
  EXPECT(hash("realm"), 0x7222bfd4);
  for (u32 n = 0; n < 99; n++) {
    key_of(n, key);
    set(&map, key, n * n);
  }
  EXPECT(map.used, 99);
  EXPECT(map.slots, 128);
  for (u32 n = 0; n < 99; n += 3) {
    key_of(n, key);
    HOLDS(erase(&map, key));
    HOLDS(!erase(&map, key));
  }
  EXPECT(map.used, 99 - 33);
  for (u32 n = 1; n < 99; n += 6) {
    key_of(n, key);
    set(&map, key, n);
  }
  u64 right = 0, far = 0;
  for (u32 n = 0; n < 99; n++) {
    key_of(n, key);
    struct slot *found = find(&map, key);
    u32 expected = n % 6 == 1 ? n : n * n;
    right += n % 3 == 0 ? !found : found && found->value == expected;
  }
  EXPECT(right, 99);
  for (u32 n = 0; n < map.slots; n++) {
    if (map.slot[n].key[0] && distance(&map, n) > far) far = distance(&map, n);
  }
  HOLDS(far < 16);
}
