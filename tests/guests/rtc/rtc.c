// The PL031: identification, load, match and the raw interrupt.

#include "guest.h"

#define RTCDR (RTC_BASE + 0x000)
#define RTCMR (RTC_BASE + 0x004)
#define RTCLR (RTC_BASE + 0x008)
#define RTCCR (RTC_BASE + 0x00c)
#define RTCIMSC (RTC_BASE + 0x010)
#define RTCRIS (RTC_BASE + 0x014)
#define RTCMIS (RTC_BASE + 0x018)
#define RTCICR (RTC_BASE + 0x01c)
#define PERIPH_ID (RTC_BASE + 0xfe0)
#define CELL_ID (RTC_BASE + 0xff0)

static u32 identity(u64 at) {
  u32 id = 0;
  for (int n = 0; n < 4; n++) id |= (read32(at + 4 * n) & 0xff) << (8 * n);
  return id;
}

void main(void) {
  line("RTCPeriphID", identity(PERIPH_ID));
  line("RTCPCellID", identity(CELL_ID));
  line("RTCCR", read32(RTCCR));
  // The reset value of RTCDR is the host's time of day, which differs from run
  // to run on other machines, so it is read but not shown.
  read32(RTCDR);
  write32(RTCMR, 0x60000000);
  line("RTCMR", read32(RTCMR));
  line("RTCRIS before", read32(RTCRIS));
  write32(RTCLR, 0x5ffffff0);
  line("RTCLR", read32(RTCLR));
  line("RTCDR", read32(RTCDR));
  write32(RTCIMSC, 1);
  write32(RTCLR, 0x60000000);
  line("RTCRIS at match", read32(RTCRIS));
  line("RTCMIS at match", read32(RTCMIS));
  write32(RTCICR, 1);
  line("RTCRIS cleared", read32(RTCRIS));
}
