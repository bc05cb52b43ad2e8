// Graphs: shortest paths three ways, spanning trees two ways, order, colours.

#include "soak.h"

#define NODES 16
#define FAR 1000000u

static u32 weight[NODES][NODES];

static void build(u64 seed) {
  for (u32 a = 0; a < NODES; a++) {
    for (u32 b = 0; b < a; b++) {
      int linked = b == a - 1 || random_below(&seed, 5) == 0;
      u32 w = linked ? 1 + random_below(&seed, 99) : FAR;
      weight[a][b] = weight[b][a] = w;
    }
  }
}

static void dijkstra(u32 from, u32 *distance) {
  u32 done = 0;
  for (u32 n = 0; n < NODES; n++) distance[n] = n == from ? 0 : FAR;
  for (u32 k = 0; k < NODES; k++) {
    u32 best = NODES;
    for (u32 n = 0; n < NODES; n++) {
      if (done >> n & 1) continue;
      if (best == NODES || distance[n] < distance[best]) best = n;
    }
    done |= 1u << best;
    for (u32 n = 0; n < NODES; n++) {
      u32 through = distance[best] + weight[best][n];
      if (weight[best][n] && through < distance[n]) distance[n] = through;
    }
  }
}

static void bellman_ford(u32 from, u32 *distance) {
  for (u32 n = 0; n < NODES; n++) distance[n] = n == from ? 0 : FAR;
  for (int changed = 1; changed;) {
    changed = 0;
    for (u32 a = 0; a < NODES; a++) {
      for (u32 b = 0; b < NODES; b++) {
        if (!weight[a][b] || distance[a] + weight[a][b] >= distance[b]) continue;
        distance[b] = distance[a] + weight[a][b];
        changed = 1;
      }
    }
  }
}

static u32 all_pairs[NODES][NODES];

static void floyd_warshall(void) {
  memcpy(all_pairs, weight, sizeof weight);
  for (u32 k = 0; k < NODES; k++) {
    for (u32 a = 0; a < NODES; a++) {
      for (u32 b = 0; b < NODES; b++) {
        u32 through = all_pairs[a][k] + all_pairs[k][b];
        if (through < all_pairs[a][b]) all_pairs[a][b] = through;
      }
    }
  }
}

static u8 leader[NODES];

static u8 find(u8 n) {
  while (leader[n] != n) n = leader[n] = leader[leader[n]];
  return n;
}

static u32 kruskal(void) {
  static struct { u32 weight; u8 a, b; } edge[NODES * NODES / 2];
  u32 edges = 0, total = 0;
  for (u8 a = 0; a < NODES; a++) {
    leader[a] = a;
    for (u8 b = 0; b < a; b++) {
      if (weight[a][b] == FAR) continue;
      u32 at = edges++;
      for (; at && edge[at - 1].weight > weight[a][b]; at--) edge[at] = edge[at - 1];
      edge[at].weight = weight[a][b], edge[at].a = a, edge[at].b = b;
    }
  }
  for (u32 n = 0; n < edges; n++) {
    u8 a = find(edge[n].a), b = find(edge[n].b);
    if (a == b) continue;
    leader[a] = b;
    total += edge[n].weight;
  }
  return total;
}

static u32 prim(void) {
  u32 inside = 1, total = 0, reach[NODES];
  for (u32 n = 0; n < NODES; n++) reach[n] = weight[0][n];
  for (u32 k = 1; k < NODES; k++) {
    u32 best = NODES;
    for (u32 n = 0; n < NODES; n++) {
      if (!(inside >> n & 1) && (best == NODES || reach[n] < reach[best])) best = n;
    }
    inside |= 1u << best;
    total += reach[best];
    for (u32 n = 0; n < NODES; n++) {
      if (weight[best][n] < reach[n]) reach[n] = weight[best][n];
    }
  }
  return total;
}

// Edges go from higher to lower numbers times 7 modulo 16, a shuffled order.
static void test_order(void) {
  u32 before[NODES] = {0}, order[NODES], placed = 0, rank[NODES];
  for (u32 a = 0; a < NODES; a++) {
    for (u32 b = 0; b < NODES; b++) {
      if (a * 7 % 16 > b * 7 % 16 && weight[a][b] != FAR) before[b] |= 1u << a;
    }
  }
  u32 left = (1u << NODES) - 1;
  while (left) {
    u32 ready = 0;
    while (!(left >> ready & 1) || before[ready] & left) ready++;
    left &= ~(1u << ready);
    rank[ready] = placed;
    order[placed++] = ready;
  }
  for (u32 n = 0; n < NODES; n++) {
    for (u32 a = 0; a < NODES; a++) {
      if (before[order[n]] >> a & 1) HOLDS(rank[a] < n);
    }
  }
}

void test_graph(void) {
  static u32 first[NODES], second[NODES];
  build(1);
  floyd_warshall();
  for (u32 from = 0; from < NODES; from += 7) {
    dijkstra(from, first);
    bellman_ford(from, second);
    EXPECT(memcmp(first, second, sizeof first), 0);
    for (u32 n = 0; n < NODES; n++) {
      if (n != from) EXPECT(first[n], all_pairs[from][n]);
    }
  }
  EXPECT(kruskal(), prim());
  test_order();
}
