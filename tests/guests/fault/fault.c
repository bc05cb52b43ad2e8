// Faults for good: VBAR_EL1 is zero, so the first exception goes to 0x200,
// where there is no memory either, and every fetch there faults again.

#include "guest.h"

void main(void) {
  print("no vectors, and now a load from the Protected UART\n");
  read32(UART_IPA);
  print("not reached\n");
}
