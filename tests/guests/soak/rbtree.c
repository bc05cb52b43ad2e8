// A red-black tree with insertion and deletion, audited as it changes. Nodes
// are numbered; number 0 is the black leaf all branches end in.

#include "soak.h"

#define NODES 256

struct node {
  u32 key;
  u16 parent, child[2];
  u8 red;
};

static struct node node[NODES];
static u16 root, used;

static int side(u16 at) { return node[node[at].parent].child[1] == at; }

static void hang(u16 at, u16 parent, int which) {
  node[at].parent = parent;
  if (parent) node[parent].child[which] = at;
  else root = at;
}

// Turns the edge to the child on side `which` around.
static void rotate(u16 at, int which) {
  u16 up = node[at].child[which];
  u16 parent = node[at].parent;
  int from = parent && side(at);
  u16 inner = node[up].child[!which];
  node[at].child[which] = inner;
  if (inner) node[inner].parent = at;
  hang(up, parent, from);
  node[up].child[!which] = at;
  node[at].parent = up;
}

static u16 find(u32 key) {
  u16 at = root;
  while (at && node[at].key != key) at = node[at].child[key > node[at].key];
  return at;
}

static void insert(u32 key) {
  u16 parent = 0, at = root;
  while (at) {
    if (node[at].key == key) return;
    parent = at;
    at = node[at].child[key > node[at].key];
  }
  at = ++used;
  node[at] = (struct node){.key = key, .red = 1};
  hang(at, parent, parent && key > node[parent].key);
  while (node[node[at].parent].red) {
    parent = node[at].parent;
    u16 grand = node[parent].parent;
    int which = side(parent);
    u16 uncle = node[grand].child[!which];
    if (node[uncle].red) {
      node[parent].red = node[uncle].red = 0;
      node[grand].red = 1;
      at = grand;
      continue;
    }
    if (side(at) != which) {
      rotate(parent, !which);
      parent = at;
    }
    node[parent].red = 0;
    node[grand].red = 1;
    rotate(grand, which);
    break;
  }
  node[root].red = 0;
}

// Restores the black height after a black node above `at` has gone.
static void repair(u16 at, u16 parent) {
  while (at != root && !node[at].red) {
    int which = node[parent].child[1] == at;
    u16 other = node[parent].child[!which];
    if (node[other].red) {
      node[other].red = 0;
      node[parent].red = 1;
      rotate(parent, !which);
      other = node[parent].child[!which];
    }
    u16 near = node[other].child[which], far = node[other].child[!which];
    if (!node[near].red && !node[far].red) {
      node[other].red = 1;
      at = parent;
      parent = node[at].parent;
      continue;
    }
    if (!node[far].red) {
      node[near].red = 0;
      node[other].red = 1;
      rotate(other, which);
      other = near;
      far = node[other].child[!which];
    }
    node[other].red = node[parent].red;
    node[parent].red = node[far].red = 0;
    rotate(parent, !which);
    at = root;
  }
  node[at].red = 0;
}

static void erase(u32 key) {
  u16 at = find(key);
  if (!at) return;
  if (node[at].child[0] && node[at].child[1]) { // take the successor's key
    u16 next = node[at].child[1];
    while (node[next].child[0]) next = node[next].child[0];
    node[at].key = node[next].key;
    at = next;
  }
  u16 child = node[at].child[0] ? node[at].child[0] : node[at].child[1];
  u16 parent = node[at].parent;
  int which = parent && side(at);
  if (child) hang(child, parent, which);
  else if (parent) node[parent].child[which] = 0;
  else root = 0;
  if (!node[at].red) repair(child, parent);
  node[0] = (struct node){0};
}

// Black height; 0 if a rule is broken anywhere below.
static u64 audit(u16 at, u32 low, u32 high, u64 *count) {
  if (!at) return 1;
  const struct node *n = &node[at];
  ++*count;
  if (n->key < low || high < n->key) return 0;
  for (int which = 0; which < 2; which++) {
    u16 child = n->child[which];
    if (child && node[child].parent != at) return 0;
    if (n->red && node[child].red) return 0;
  }
  u64 left = audit(n->child[0], low, n->key - 1, count);
  u64 right = audit(n->child[1], n->key + 1, high, count);
  return left && left == right ? left + !n->red : 0;
}

static void check(u64 expected) {
  u64 count = 0;
  HOLDS(audit(root, 0, ~0u, &count) != 0);
  EXPECT(count, expected);
  EXPECT(node[root].red, 0);
}

void test_rbtree(void) {
  for (u32 n = 1; n <= 60; n++) insert(n);
  check(60);
  for (u32 n = 2; n <= 60; n += 2) erase(n);
  check(30);
  u64 state = 31, expected = 30;
  for (int n = 0; n < 150; n++) {
    u32 key = random_below(&state, 200) + 1;
    int present = find(key) != 0;
    if (present) erase(key);
    else insert(key);
    expected += present ? -1 : 1;
    EXPECT(find(key) != 0, !present);
    if (n % 25 == 0) check(expected);
  }
  for (u32 key = 1; key <= 200; key++) erase(key);
  check(0);
}
