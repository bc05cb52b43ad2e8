// Never stops: what a limit on steps is for.

#include "guest.h"

void main(void) {
  print("spinning\n");
  for (u64 turns = 0;; turns++) __asm__ volatile("" : : "r"(turns));
}
