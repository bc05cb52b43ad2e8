// An allocator over a fixed arena: boundary tags, first fit from a free list,
// neighbours joined when freed.

#include "soak.h"

#define ARENA 8192
#define UNIT 16
#define USED 1UL

// Before each block and after its end: bytes, with USED in bit 0.
struct tag {
  u64 size;
};

struct free_block {
  struct tag tag;
  struct free_block *next, *previous;
};

static u8 arena[ARENA] __attribute__((aligned(16)));
static struct free_block list;

static struct tag *foot_of(struct tag *head) {
  return (struct tag *)((u8 *)head + (head->size & ~USED)) - 1;
}

static void set_tags(struct tag *head, u64 size, u64 used) {
  head->size = size | used;
  foot_of(head)->size = size | used;
}

static void unlink(struct free_block *block) {
  block->next->previous = block->previous;
  block->previous->next = block->next;
}

static void insert(struct free_block *block) {
  block->next = list.next;
  block->previous = &list;
  list.next->previous = block;
  list.next = block;
}

static void reset(void) {
  list.next = list.previous = &list;
  // Sentinels at both ends look used, so nothing joins across them.
  struct tag *first = (struct tag *)(arena + 8);
  first[-1].size = USED;
  set_tags(first, ARENA - 16, 0);
  ((struct tag *)(arena + ARENA))[-1].size = USED;
  insert((struct free_block *)first);
}

static void *allocate(u64 bytes) {
  u64 size = (bytes + 2 * sizeof(struct tag) + UNIT - 1) / UNIT * UNIT;
  if (size < 2 * UNIT) size = 2 * UNIT;
  for (struct free_block *at = list.next; at != &list; at = at->next) {
    u64 room = at->tag.size;
    if (room < size) continue;
    unlink(at);
    if (room - size >= 2 * UNIT) {
      struct tag *rest = (struct tag *)((u8 *)at + size);
      set_tags(rest, room - size, 0);
      insert((struct free_block *)rest);
    } else {
      size = room;
    }
    set_tags(&at->tag, size, USED);
    return &at->tag + 1;
  }
  return 0;
}

static void release(void *block) {
  struct tag *head = (struct tag *)block - 1;
  u64 size = head->size & ~USED;
  struct tag *after = (struct tag *)((u8 *)head + size), *before = head - 1;
  if (!(after->size & USED)) {
    unlink((struct free_block *)after);
    size += after->size;
  }
  if (!(before->size & USED)) {
    head = (struct tag *)((u8 *)head - before->size);
    unlink((struct free_block *)head);
    size += head->size;
  }
  set_tags(head, size, 0);
  insert((struct free_block *)head);
}

// Walks the arena: tags agree, no two free neighbours; returns free bytes.
static u64 audit(void) {
  u64 free = 0, last_free = 0, blocks = 0;
  struct tag *head = (struct tag *)(arena + 8);
  while ((u8 *)head < arena + ARENA - 8) {
    u64 is_free = !(head->size & USED);
    HOLDS(foot_of(head)->size == head->size);
    HOLDS(!(is_free && last_free));
    if (is_free) free += head->size;
    last_free = is_free;
    blocks++;
    head = foot_of(head) + 1;
  }
  u64 listed = 0;
  for (struct free_block *at = list.next; at != &list; at = at->next) {
    listed += at->tag.size;
  }
  EXPECT(listed, free);
  return free;
}

void test_alloc(void) {
  static u8 *block[48];
  static u16 size[48];
  u64 state = 77, served = 0;
  reset();
  EXPECT(audit(), ARENA - 16);
  for (int n = 0; n < 240; n++) {
    u64 at = random_below(&state, COUNT(block));
    if (block[at]) {
      u64 intact = 1;
      for (u64 k = 0; k < size[at]; k += 7) intact &= block[at][k] == (u8)(at + k);
      if (!intact) EXPECT(intact, 1);
      release(block[at]);
      block[at] = 0;
    } else {
      size[at] = random_below(&state, 200);
      block[at] = allocate(size[at]);
      if (!block[at]) continue;
      served++;
      HOLDS((u64)block[at] % 16 == 0);
      for (u64 k = 0; k < size[at]; k++) block[at][k] = at + k;
    }
    if (n % 60 == 0) audit();
  }
  HOLDS(served > 90);
  for (u64 at = 0; at < COUNT(block); at++) {
    if (block[at]) release(block[at]);
  }
  EXPECT(audit(), ARENA - 16);
  EXPECT((u64)allocate(ARENA), 0);
}
