/**
 * Passing an access that compiled code stopped for to its device: the whole
 * road without leaving numbers, from the exit record to the next instruction.
 *
 * @module
 */

import { decode } from "../engine/code.ts";
import {
  DEVICE,
  entryOf,
  none,
  READ,
  unknown,
  WRITE,
} from "../engine/device.ts";
import {
  CELL,
  EXIT,
  page_words,
  RECORD,
  record_bytes,
  SLOT,
} from "../engine/layout.ts";
import { compileRegion } from "../engine/region.ts";
import { findDevice, isUser } from "../protocol/bus.ts";
import { devicePage } from "../protocol/common.ts";
import { serve } from "../protocol/serve.ts";
import type { Ride } from "./ride.ts";

/** Events of the common road: to user space and back, and within the kernel. */
const user_events = 5;
const kernel_events = 3;

/** The word of its page a record stands for. */
const wordOf = (ride: Ride, record: number): number =>
  (record - (ride.words[CELL.records * 2] as number)) / record_bytes;

const pageOf = ({ s: { e }, words }: Ride) =>
  e.rooms_taken.get(words[CELL.records * 2] as number)!;

/** The syndrome of the instruction at a record; a region may have run it undecoded. */
const syndromeAt = (ride: Ride, record: number): number => {
  const { words } = ride;
  if (words[record >> 2] === SLOT.fresh) {
    decode(ride.s.e, pageOf(ride), wordOf(ride, record));
  }
  return words[(record + RECORD.delta) >> 2] as number;
};

/** Looks for the device of an entry's page: the one all of it belongs to. */
const deviceOf = (ride: Ride, entry: number): number => {
  const { f, devices } = ride;
  const hpfar = devices[entry + DEVICE.HPFAR] as number;
  const page = devicePage(
    f,
    hpfar,
    devices[entry + DEVICE.HPFAR_HIGH] as number,
  );
  const found = page < 0 ? none : findDevice(f, page, 4096);
  const device = found < 0 ? none : found;
  devices[entry + DEVICE.DEVICE] = device;
  if (device >= 0) {
    devices[entry + DEVICE.USER] = isUser(f, device) ? 1 : 0;
    devices[entry + DEVICE.OFFSET] = page - (f.bounds[2 * device] as number);
  }
  return device;
};

/** Takes the road's events from the budget, and ends one run and begins the next; false where they may not fit. */
const spend = (ride: Ride, events: number): boolean => {
  const { words, stretch } = ride;
  const now = words[CELL.left * 2] as number;
  const barren_run = now === stretch.mark && stretch.fresh;
  // A run that retired nothing is a step all the same.
  const extra = barren_run ? events + 1 : events;
  const barren = barren_run ? ride.barren + extra : events;
  const left = now - extra;
  if (left <= stretch.floor || ride.barren_most < barren) {
    return false;
  }
  words[CELL.left * 2] = left;
  stretch.mark = left;
  stretch.extra += extra;
  stretch.fresh = true;
  ride.barren = barren;
  return true;
};

/** Counts an arrival at a record, which may become the root of a region. */
const arrive = (ride: Ride, record: number): number => {
  const { words } = ride;
  const at = (record + RECORD.heat) >> 2;
  const left = (words[at] as number) - 1;
  words[at] = left;
  if (left === 0) {
    const word = wordOf(ride, record);
    if (word < page_words) compileRegion(ride.s.e, pageOf(ride), word);
  }
  return record;
};

/** Passes an access on; the record to go on from, or 0 with nothing changed. */
export const pass = (ride: Ride, exit: number): number => {
  const { words, f, stretch, devices } = ride;
  const far = words[CELL.address * 2] as number;
  const far_hi = words[CELL.address * 2 + 1] as number;
  const kind = exit === EXIT.read ? READ : WRITE;
  const entry = entryOf(far, kind);
  if (
    devices[entry] !== (far & ~0xfff | kind) ||
    devices[entry + DEVICE.TAG_HIGH] !== far_hi
  ) return 0;
  const record = words[CELL.record * 2] as number;
  const iss = syndromeAt(ride, record);
  const size = (iss >>> 22) & 3;
  if (iss === 0 || (far & ((1 << size) - 1)) !== 0) return 0;
  let device = devices[entry + DEVICE.DEVICE] as number;
  if (device === unknown) device = deviceOf(ride, entry);
  if (device < 0) return 0;
  const user = devices[entry + DEVICE.USER] as number;
  if (!spend(ride, user === 1 ? user_events : kernel_events)) return 0;
  stretch.user += user;
  stretch.kernel += 1 - user;
  stretch.entry = entry;
  stretch.iss = iss;
  stretch.offset = far & 0xfff;
  const offset = (devices[entry + DEVICE.OFFSET] as number) + (far & 0xfff);
  serve(f, iss, device, offset);
  return arrive(ride, record + record_bytes);
};
