// Seven ways to sort, which must agree.

#include "soak.h"

#define ITEMS 40

static void swap(u64 *a, u64 *b) {
  u64 t = *a;
  *a = *b;
  *b = t;
}

static void insertion_sort(u64 *a, u64 n) {
  for (u64 i = 1; i < n; i++) {
    u64 x = a[i], j = i;
    for (; j && a[j - 1] > x; j--) a[j] = a[j - 1];
    a[j] = x;
  }
}

static void shell_sort(u64 *a, u64 n) {
  u64 gap = 1;
  while (gap < n / 3) gap = 3 * gap + 1;
  for (; gap; gap /= 3) {
    for (u64 i = gap; i < n; i++) {
      u64 x = a[i], j = i;
      for (; j >= gap && a[j - gap] > x; j -= gap) a[j] = a[j - gap];
      a[j] = x;
    }
  }
}

// Median of three, the smaller side first, short runs left to insertion.
static void quick_sort(u64 *a, u64 n) {
  while (n > 12) {
    u64 middle = n / 2;
    if (a[middle] < a[0]) swap(&a[middle], &a[0]);
    if (a[n - 1] < a[0]) swap(&a[n - 1], &a[0]);
    if (a[n - 1] < a[middle]) swap(&a[n - 1], &a[middle]);
    u64 pivot = a[middle], low = 0, high = n - 1;
    for (;;) {
      while (a[low] < pivot) low++;
      while (a[high] > pivot) high--;
      if (low >= high) break;
      swap(&a[low++], &a[high--]);
    }
    u64 left = high + 1;
    if (left < n - left) {
      quick_sort(a, left);
      a += left;
      n -= left;
    } else {
      quick_sort(a + left, n - left);
      n = left;
    }
  }
  insertion_sort(a, n);
}

static void merge_sort(u64 *a, u64 n) {
  static u64 spare[ITEMS];
  if (n < 2) return;
  u64 half = n / 2;
  merge_sort(a, half);
  merge_sort(a + half, n - half);
  memcpy(spare, a, half * sizeof *a);
  for (u64 i = 0, j = half, k = 0; i < half;) {
    a[k++] = j < n && a[j] < spare[i] ? a[j++] : spare[i++];
  }
}

static void sift(u64 *a, u64 root, u64 n) {
  for (u64 child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && a[child + 1] > a[child]) child++;
    if (a[root] >= a[child]) return;
    swap(&a[root], &a[child]);
  }
}

static void heap_sort(u64 *a, u64 n) {
  for (u64 i = n / 2; i-- > 0;) sift(a, i, n);
  while (n > 1) {
    swap(&a[0], &a[--n]);
    sift(a, 0, n);
  }
}

static void radix_sort(u64 *a, u64 n) {
  static u64 spare[ITEMS];
  for (int shift = 0; shift < 64; shift += 8) {
    u32 count[257] = {0};
    for (u64 i = 0; i < n; i++) count[(a[i] >> shift & 255) + 1]++;
    if (count[1] == n) continue;
    for (int k = 0; k < 256; k++) count[k + 1] += count[k];
    for (u64 i = 0; i < n; i++) spare[count[a[i] >> shift & 255]++] = a[i];
    memcpy(a, spare, n * sizeof *a);
  }
}

static void comb_sort(u64 *a, u64 n) {
  u64 gap = n;
  for (int swapped = 1; gap > 1 || swapped;) {
    gap = gap * 10 / 13;
    if (gap == 0) gap = 1;
    swapped = 0;
    for (u64 i = 0; i + gap < n; i++) {
      if (a[i] <= a[i + gap]) continue;
      swap(&a[i], &a[i + gap]);
      swapped = 1;
    }
  }
}

static void fill(u64 *a, int kind, u64 *state) {
  for (u64 n = 0; n < ITEMS; n++) {
    u64 x = random_next(state);
    a[n] = kind == 0 ? x >> 40 : kind == 1 ? x % 5 : kind == 2 ? n : ITEMS - n;
  }
}

void test_sort(void) {
  static void (*const sorts[])(u64 *, u64) = {
      insertion_sort, shell_sort, quick_sort, merge_sort,
      heap_sort,      radix_sort, comb_sort};
  static u64 original[ITEMS], expected[ITEMS], found[ITEMS];
  u64 state = 5;
  for (int kind = 0; kind < 4; kind++) {
    fill(original, kind, &state);
    memcpy(expected, original, sizeof expected);
    shell_sort(expected, ITEMS);
    u64 sum = 0, before = 0, ordered = 1;
    for (u64 n = 0; n < ITEMS; n++) {
      sum += expected[n], before += original[n];
      if (n) ordered &= expected[n - 1] <= expected[n];
    }
    EXPECT(sum, before);
    EXPECT(ordered, 1);
    for (u64 n = 0; n < COUNT(sorts); n++) {
      if (n == 0 && kind == 3) continue; // the worst case of insertion
      memcpy(found, original, sizeof found);
      sorts[n](found, ITEMS);
      EXPECT(memcmp(found, expected, sizeof found), 0);
    }
  }
}
