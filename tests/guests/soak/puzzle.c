// Backtracking: queens, a sudoku, knight's moves, subset sums, towers.

#include "soak.h"

static u64 queens(u32 all, u32 columns, u32 left, u32 right) {
  if (columns == all) return 1;
  u64 found = 0;
  for (u32 open = all & ~(columns | left | right); open; open &= open - 1) {
    u32 bit = open & -open;
    found += queens(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return found;
}

static u8 grid[81];
static u16 in_row[9], in_column[9], in_box[9]; // bit n: digit n + 1 is there

static void mark(int cell, int digit) {
  u16 bit = 1 << digit;
  in_row[cell / 9] ^= bit;
  in_column[cell % 9] ^= bit;
  in_box[cell / 27 * 3 + cell % 9 / 3] ^= bit;
}

static u16 choices(int cell) {
  return 0x1ff & ~(in_row[cell / 9] | in_column[cell % 9] |
                   in_box[cell / 27 * 3 + cell % 9 / 3]);
}

// Fills the cell with the fewest choices first.
static int solve(void) {
  int best = -1, fewest = 10;
  for (int cell = 0; cell < 81; cell++) {
    if (grid[cell]) continue;
    int count = count_ones(choices(cell));
    if (count < fewest) fewest = count, best = cell;
    if (count <= 1) break;
  }
  if (best < 0) return 1;
  for (u16 open = choices(best); open; open &= open - 1) {
    int digit = __builtin_ctz(open);
    grid[best] = digit + 1;
    mark(best, digit);
    if (solve()) return 1;
    mark(best, digit);
  }
  grid[best] = 0;
  return 0;
}

static void test_sudoku(void) {
  static const char given[] =
      "530070000600195000098000060800060003400803001700020006060000280000419005"
      "000080079";
  static const char solved[] =
      "534678912672195348198342567859761423426853791713924856961537284287419635"
      "345286179";
  for (int cell = 0; cell < 81; cell++) {
    grid[cell] = given[cell] - '0';
    if (grid[cell]) mark(cell, grid[cell] - 1);
  }
  HOLDS(solve());
  u64 right = 0;
  for (int cell = 0; cell < 81; cell++) right += grid[cell] == solved[cell] - '0';
  EXPECT(right, 81);
}

// Moves of a knight between corners of an 8 by 8 board, breadth first.
static u64 knight(u8 from, u8 to) {
  static const s8 step[8][2] = {{1, 2}, {2, 1}, {2, -1}, {1, -2},
                                {-1, -2}, {-2, -1}, {-2, 1}, {-1, 2}};
  u8 moves[64], queue[64], head = 0, tail = 0;
  memset(moves, 0xff, sizeof moves);
  moves[from] = 0;
  queue[tail++] = from;
  while (head < tail && moves[to] == 0xff) {
    u8 at = queue[head++];
    for (int n = 0; n < 8; n++) {
      int row = at / 8 + step[n][0], column = at % 8 + step[n][1];
      if (row < 0 || row > 7 || column < 0 || column > 7) continue;
      u8 next = row * 8 + column;
      if (moves[next] != 0xff) continue;
      moves[next] = moves[at] + 1;
      queue[tail++] = next;
    }
  }
  return moves[to];
}

static u64 subset_sums(const u32 *item, u64 n, s64 target) {
  if (target == 0) return 1;
  if (target < 0 || n == 0) return 0;
  return subset_sums(item + 1, n - 1, target - item[0]) +
         subset_sums(item + 1, n - 1, target);
}

static u8 tower[8], height[3];

static u64 hanoi(int n, u8 from, u8 to) {
  if (n == 0) return 0;
  u8 other = 3 - from - to;
  u64 moves = hanoi(n - 1, from, other);
  HOLDS(tower[n - 1] == from);
  tower[n - 1] = to;
  height[from]--, height[to]++;
  return moves + 1 + hanoi(n - 1, other, to);
}

void test_puzzle(void) {
  static const u64 solutions[] = {1, 0, 0, 2, 10, 4, 40};
  for (u32 n = 1; n <= 7; n++) {
    EXPECT(queens((1u << n) - 1, 0, 0, 0), solutions[n - 1]);
  }
  test_sudoku();
  EXPECT(knight(0, 63), 6);
  EXPECT(knight(0, 9), 4);
  EXPECT(knight(27, 27), 0);
  static const u32 coins[] = {50, 20, 20, 10, 5, 5, 2, 2, 1, 1};
  EXPECT(subset_sums(coins, COUNT(coins), 57), 12);
  height[0] = 6;
  EXPECT(hanoi(6, 0, 2), 63);
  EXPECT(height[2], 6);
}
