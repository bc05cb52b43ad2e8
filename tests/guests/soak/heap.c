// Queues: a binary heap, a pairing of two stacks, a ring, a sparse set.

#include "soak.h"

#define ROOM 128

static u32 heap[ROOM], heap_used;

static void heap_put(u32 x) {
  u32 at = heap_used++;
  for (; at && heap[(at - 1) / 2] > x; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
  heap[at] = x;
}

static u32 heap_take(void) {
  u32 top = heap[0], x = heap[--heap_used], at = 0;
  for (;;) {
    u32 child = 2 * at + 1;
    if (child >= heap_used) break;
    if (child + 1 < heap_used && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= x) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = x;
  return top;
}

struct ring {
  u32 item[64], head, tail; // indices run free, taken modulo 64
};

static int ring_put(struct ring *ring, u32 x) {
  if (ring->tail - ring->head == COUNT(ring->item)) return 0;
  ring->item[ring->tail++ % COUNT(ring->item)] = x;
  return 1;
}

static int ring_take(struct ring *ring, u32 *x) {
  if (ring->tail == ring->head) return 0;
  *x = ring->item[ring->head++ % COUNT(ring->item)];
  return 1;
}

// First in, first out from two stacks: what goes in lies reversed.
struct pair {
  u32 in[ROOM], out[ROOM], ins, outs;
};

static u32 pair_take(struct pair *pair) {
  if (!pair->outs) {
    while (pair->ins) pair->out[pair->outs++] = pair->in[--pair->ins];
  }
  return pair->out[--pair->outs];
}

// A set that is cleared in no time: members in a list, each knows its place.
struct sparse {
  u8 member[ROOM], place[ROOM], used;
};

static int sparse_has(const struct sparse *set, u8 x) {
  return set->place[x] < set->used && set->member[set->place[x]] == x;
}

static void sparse_add(struct sparse *set, u8 x) {
  if (sparse_has(set, x)) return;
  set->place[x] = set->used;
  set->member[set->used++] = x;
}

static void sparse_drop(struct sparse *set, u8 x) {
  if (!sparse_has(set, x)) return;
  u8 last = set->member[--set->used];
  set->member[set->place[x]] = last;
  set->place[last] = set->place[x];
}

static void test_ring(void) {
  static struct ring ring = {.head = ~0u - 20, .tail = ~0u - 20};
  u32 put = 0, taken = 0, x = 0;
  for (int n = 0; n < 30; n++) {
    for (int k = 0; k < 3; k++) put += ring_put(&ring, put);
    EXPECT(ring_take(&ring, &x), 1);
    EXPECT(x, taken++);
  }
  EXPECT(ring.tail - ring.head, 60);
  while (ring_take(&ring, &x)) taken++;
  EXPECT(taken, put);
}

void test_heap(void) {
  u64 state = 13;
  for (int n = 0; n < 100; n++) heap_put(random_below(&state, 1000));
  u32 last = 0, ordered = 1;
  for (int n = 0; n < 60; n++) {
    u32 x = heap_take();
    ordered &= last <= x;
    last = x;
  }
  for (int n = 0; n < 50; n++) heap_put(last + n);
  while (heap_used) {
    u32 x = heap_take();
    ordered &= last <= x;
    last = x;
  }
  EXPECT(ordered, 1);
  test_ring();
  static struct pair pair;
  u32 put = 0, taken = 0;
  for (int n = 0; n < 40; n++) {
    for (int k = 0; k <= n % 3; k++) pair.in[pair.ins++] = put++;
    EXPECT(pair_take(&pair), taken++);
  }
  static struct sparse set;
  memset(set.place, 0xff, sizeof set.place);
  u64 mask[2] = {0, 0};
  for (int n = 0; n < 200; n++) {
    u8 x = random_below(&state, ROOM);
    if (n % 3 == 2) {
      sparse_drop(&set, x);
      mask[x / 64] &= ~(1UL << x % 64);
    } else {
      sparse_add(&set, x);
      mask[x / 64] |= 1UL << x % 64;
    }
  }
  EXPECT(set.used, count_ones(mask[0]) + count_ones(mask[1]));
  for (u8 x = 0; x < ROOM; x += 5) {
    EXPECT(sparse_has(&set, x), mask[x / 64] >> x % 64 & 1);
  }
}
