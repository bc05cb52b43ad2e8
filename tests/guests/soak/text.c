// Strings: searching, distances, and a small regular expression matcher.

#include "soak.h"

u64 text_length(const char *text) {
  u64 n = 0;
  while (text[n]) n++;
  return n;
}

int text_compare(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (u8)*a - (u8)*b;
}

int text_equal(const char *a, const char *b) { return text_compare(a, b) == 0; }

static s64 find_naive(const char *text, const char *word) {
  u64 n = text_length(word);
  for (s64 at = 0;; at++) {
    if (memcmp(text + at, word, n) == 0) return at;
    if (!text[at]) return -1;
  }
}

// Knuth, Morris and Pratt: never looks back in the text.
static s64 find_kmp(const char *text, const char *word) {
  u8 border[64] = {0};
  u64 n = text_length(word);
  for (u64 i = 1, k = 0; i < n; i++) {
    while (k && word[i] != word[k]) k = border[k - 1];
    if (word[i] == word[k]) k++;
    border[i] = k;
  }
  for (u64 i = 0, k = 0; text[i]; i++) {
    while (k && text[i] != word[k]) k = border[k - 1];
    if (text[i] == word[k]) k++;
    if (k == n) return i + 1 - n;
  }
  return -1;
}

// Horspool: skips by the last character.
static s64 find_horspool(const char *text, const char *word) {
  u8 skip[256];
  s64 length = text_length(text), n = text_length(word);
  memset(skip, n, sizeof skip);
  for (s64 i = 0; i + 1 < n; i++) skip[(u8)word[i]] = n - 1 - i;
  for (s64 at = 0; at + n <= length; at += skip[(u8)text[at + n - 1]]) {
    if (memcmp(text + at, word, n) == 0) return at;
  }
  return -1;
}

static u64 edit_distance(const char *a, const char *b) {
  u64 n = text_length(b), row[64];
  for (u64 k = 0; k <= n; k++) row[k] = k;
  for (u64 i = 1; *a; a++, i++) {
    u64 corner = row[0];
    row[0] = i;
    for (u64 k = 1; k <= n; k++) {
      u64 best = corner + (*a != b[k - 1]);
      if (row[k] + 1 < best) best = row[k] + 1;
      if (row[k - 1] + 1 < best) best = row[k - 1] + 1;
      corner = row[k];
      row[k] = best;
    }
  }
  return row[n];
}

static u64 common_subsequence(const char *a, const char *b) {
  static u8 best[48][48];
  u64 m = text_length(a), n = text_length(b);
  for (u64 i = 1; i <= m; i++) {
    for (u64 k = 1; k <= n; k++) {
      u8 up = best[i - 1][k], left = best[i][k - 1];
      best[i][k] = a[i - 1] == b[k - 1] ? best[i - 1][k - 1] + 1
                   : up > left          ? up
                                        : left;
    }
  }
  return best[m][n];
}

static int match_here(const char *pattern, const char *text);

static int match_one(const char *pattern, char c) {
  if (*pattern == '.') return c != 0;
  if (*pattern == '\\') return c == pattern[1];
  return *pattern == c;
}

static int match_star(const char *pattern, const char *rest, const char *text) {
  do {
    if (match_here(rest, text)) return 1;
  } while (match_one(pattern, *text++));
  return 0;
}

// Literals, '.', '\', and after each of them '*', '+' or '?'; '$' at the end.
static int match_here(const char *pattern, const char *text) {
  if (!*pattern) return 1;
  if (pattern[0] == '$' && !pattern[1]) return !*text;
  const char *rest = pattern + (*pattern == '\\' ? 2 : 1);
  if (*rest == '*') return match_star(pattern, rest + 1, text);
  if (*rest == '?' && match_here(rest + 1, text)) return 1;
  if (!match_one(pattern, *text)) return 0;
  if (*rest == '+') return match_star(pattern, rest + 1, text + 1);
  return match_here(*rest == '?' ? rest + 1 : rest, text + 1);
}

static int match(const char *pattern, const char *text) {
  if (*pattern == '^') return match_here(pattern + 1, text);
  do {
    if (match_here(pattern, text)) return 1;
  } while (*text++);
  return 0;
}

static void test_search(const char *text, const char *word, s64 at) {
  EXPECT(find_naive(text, word), at);
  EXPECT(find_kmp(text, word), at);
  EXPECT(find_horspool(text, word), at);
}

static void test_match(void) {
  HOLDS(match("^ab*c$", "abbbc"));
  HOLDS(match("^ab*c$", "ac"));
  HOLDS(!match("^ab+c$", "ac"));
  HOLDS(match("b.d", "abcde"));
  HOLDS(!match("b.d$", "abcde"));
  HOLDS(match("colou?r", "the color"));
  HOLDS(match("colou?r", "the colour"));
  HOLDS(match("1\\.5\\+", "x1.5+y"));
  HOLDS(!match("1\\.5", "1x5"));
  HOLDS(match("^.*x.*y.*$", "aaxbbyc"));
  HOLDS(!match("^.+x$", "x"));
}

void test_text(void) {
  static char text[1024];
  sample_text((u8 *)text, sizeof text - 1);
  test_search(text, "delegates", find_naive(text, "delegates"));
  test_search(text, "no such word", -1);
  test_search("aabaabaaabaaab", "aabaaab", 3);
  test_search("abc", "c", 2);
  HOLDS(find_naive(text, "delegates") > 0);
  EXPECT(edit_distance("kitten", "sitting"), 3);
  EXPECT(edit_distance("", "abc"), 3);
  EXPECT(edit_distance("intention", "execution"), 5);
  EXPECT(common_subsequence("AGGTABQWERTY", "GXTXAYBWRT"), 7);
  HOLDS(text_compare("abc", "abd") < 0);
  HOLDS(text_compare("abc", "ab") > 0);
  HOLDS(text_compare("\xff", "a") > 0);
  test_match();
}
