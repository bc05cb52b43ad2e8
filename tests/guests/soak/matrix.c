// Matrices over the integers modulo a prime, and Strassen's product.

#include "soak.h"

#define N 8
#define P 1000003u

typedef u32 matrix[N][N];

static void identity(matrix a) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) a[i][j] = i == j;
  }
}

static void multiply(matrix out, const matrix a, const matrix b) {
  matrix product;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      u64 sum = 0;
      for (int k = 0; k < N; k++) sum += (u64)a[i][k] * b[k][j];
      product[i][j] = sum % P;
    }
  }
  memcpy(out, product, sizeof product);
}

static u32 power(u32 base, u32 exponent) {
  u64 out = 1, x = base;
  for (; exponent; exponent >>= 1, x = x * x % P) {
    if (exponent & 1) out = out * x % P;
  }
  return out;
}

// Gauss and Jordan; returns the determinant, and the inverse unless it is 0.
static u32 invert(const matrix from, matrix out) {
  matrix a;
  memcpy(a, from, sizeof a);
  identity(out);
  u64 determinant = 1;
  for (int c = 0; c < N; c++) {
    int r = c;
    while (r < N && !a[r][c]) r++;
    if (r == N) return 0;
    for (int k = 0; k < N && r != c; k++) {
      u32 t = a[r][k];
      a[r][k] = a[c][k], a[c][k] = t;
      t = out[r][k];
      out[r][k] = out[c][k], out[c][k] = t;
    }
    if (r != c) determinant = P - determinant;
    determinant = determinant * a[c][c] % P;
    u64 scale = power(a[c][c], P - 2);
    for (int k = 0; k < N; k++) {
      a[c][k] = a[c][k] * scale % P;
      out[c][k] = out[c][k] * scale % P;
    }
    for (int i = 0; i < N; i++) {
      u64 factor = a[i][c];
      if (i == c || !factor) continue;
      for (int k = 0; k < N; k++) {
        a[i][k] = (a[i][k] + (P - factor) * a[c][k]) % P;
        out[i][k] = (out[i][k] + (P - factor) * out[c][k]) % P;
      }
    }
  }
  return determinant;
}

// Strassen on a block of `n` rows, in signed numbers; strides are N.
static void strassen(s64 *out, const s64 *a, const s64 *b, int n) {
  if (n == 1) {
    *out = *a * *b;
    return;
  }
  int h = n / 2, down = h * N;
  s64 product[7][N * N], left[N * N], right[N * N];
  // Each product is (sum of blocks of a) * (sum of blocks of b); a sum is two
  // offsets and a sign, with the same offset and sign 0 for a single block.
  const int block[4] = {0, h, down, down + h};
  static const s8 sums[7][6] = {{0, 3, 1, 0, 3, 1},  {2, 3, 1, 0, 0, 0},
                                {0, 0, 0, 1, 3, -1}, {3, 3, 0, 2, 0, -1},
                                {0, 1, 1, 3, 3, 0},  {2, 0, -1, 0, 1, 1},
                                {1, 3, -1, 2, 3, 1}};
  for (int m = 0; m < 7; m++) {
    const s8 *s = sums[m];
    for (int i = 0; i < h; i++) {
      for (int j = 0; j < h; j++) {
        int at = i * N + j;
        left[at] = a[block[s[0]] + at] + s[2] * a[block[s[1]] + at];
        right[at] = b[block[s[3]] + at] + s[5] * b[block[s[4]] + at];
      }
    }
    strassen(product[m], left, right, h);
  }
  for (int i = 0; i < h; i++) {
    for (int j = 0; j < h; j++) {
      int at = i * N + j;
      s64 m1 = product[0][at], m2 = product[1][at], m3 = product[2][at];
      s64 m4 = product[3][at], m5 = product[4][at];
      out[at] = m1 + m4 - m5 + product[6][at];
      out[at + h] = m3 + m5;
      out[at + down] = m2 + m4;
      out[at + down + h] = m1 - m2 + m3 + product[5][at];
    }
  }
}

static void test_strassen(u64 *state) {
  static s64 a[N * N], b[N * N], out[N * N];
  for (int n = 0; n < N * N; n++) {
    a[n] = (s64)random_below(state, 2001) - 1000;
    b[n] = (s64)random_below(state, 2001) - 1000;
  }
  strassen(out, a, b, 4); // the upper left quarter of both
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 4; j++) {
      s64 sum = 0;
      for (int k = 0; k < 4; k++) sum += a[i * N + k] * b[k * N + j];
      EXPECT(out[i * N + j], sum);
    }
  }
}

void test_matrix(void) {
  u64 state = 8;
  matrix a, b, inverse, one, product;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      a[i][j] = random_below(&state, P), b[i][j] = (i + 1) * (j + 2);
    }
  }
  identity(one);
  u32 determinant = invert(a, inverse);
  HOLDS(determinant != 0);
  multiply(product, a, inverse);
  EXPECT(memcmp(product, one, sizeof one), 0);
  EXPECT((u64)determinant * invert(inverse, product) % P, 1);
  EXPECT(memcmp(product, a, sizeof a), 0);
  EXPECT(invert(b, inverse), 0); // of rank one
  // Fibonacci by powers of a matrix: F(40) modulo P.
  matrix step = {{1, 1}, {1, 0}};
  memcpy(product, one, sizeof one);
  for (int n = 40; n; n >>= 1) {
    if (n & 1) multiply(product, product, step);
    multiply(step, step, step);
  }
  EXPECT(product[0][1], 102334155 % P);
  test_strassen(&state);
}
