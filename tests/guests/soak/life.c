// Conway's game on a torus of 64 by 16: a byte per cell against a bit per
// cell, where eight neighbours are added by full adders on whole rows.

#include "soak.h"

#define ROWS 16

static u64 turn(u64 row, int n) { return row << n | row >> (64 - n); }

static void step_bits(u64 *world) {
  u64 next[ROWS];
  for (int r = 0; r < ROWS; r++) {
    u64 one = 0, two = 0, four = 0;
    for (int k = -1; k <= 1; k++) {
      u64 row = world[(r + k + ROWS) % ROWS];
      u64 parts[3] = {turn(row, 1), turn(row, 63), k ? row : 0};
      for (int n = 0; n < 3; n++) {
        u64 carry = one & parts[n];
        one ^= parts[n];
        four |= two & carry; // five and more look like four: dead either way
        two ^= carry;
      }
    }
    next[r] = two & ~four & (one | world[r]);
  }
  memcpy(world, next, sizeof next);
}

static void step_bytes(u8 (*cell)[64]) {
  static u8 next[ROWS][64];
  for (int r = 0; r < ROWS; r++) {
    const u8 *up = cell[(r + ROWS - 1) % ROWS], *down = cell[(r + 1) % ROWS];
    for (int c = 0; c < 64; c++) {
      int left = (c + 63) % 64, right = (c + 1) % 64;
      int n = up[left] + up[c] + up[right] + cell[r][left] + cell[r][right] +
              down[left] + down[c] + down[right];
      next[r][c] = n == 3 || (n == 2 && cell[r][c]);
    }
  }
  memcpy(cell, next, sizeof next);
}

static u64 population(const u64 *world) {
  u64 n = 0;
  for (int r = 0; r < ROWS; r++) n += count_ones(world[r]);
  return n;
}

void test_life(void) {
  static u64 world[ROWS], start[ROWS];
  static u8 cell[ROWS][64];
  // A glider moves by one in each direction every four steps: 32 of them take
  // it 8 rows down and 8 columns on.
  world[1] = 2, world[2] = 4, world[3] = 7;
  for (int r = 0; r < ROWS; r++) start[(r + 8) % ROWS] = turn(world[r], 8);
  for (int n = 0; n < 32; n++) step_bits(world);
  EXPECT(population(world), 5);
  EXPECT(memcmp(world, start, sizeof world), 0);
  u64 state = 2;
  for (int r = 0; r < ROWS; r++) {
    world[r] = random_next(&state) & random_next(&state);
    for (int c = 0; c < 64; c++) cell[r][c] = world[r] >> c & 1;
  }
  step_bits(world);
  step_bytes(cell);
  for (int r = 0; r < ROWS; r++) {
    u64 row = 0;
    for (int c = 0; c < 64; c++) row |= (u64)cell[r][c] << c;
    EXPECT(row, world[r]);
  }
}
