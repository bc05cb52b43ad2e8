/**
 * KVM revisions as data: one row of switches to each.
 *
 * How well each row, and each cell, is known is in `provenance.ts`.
 *
 * Source: kvm.md §1b (behaviour by revision), §2 (the algorithm), §7.
 *
 * @module
 */

import type { KvmRevision } from "./switches.ts";

export type { KvmRevision, Switches } from "./switches.ts";

/** The newest tree read, named after its `rec_enter_sync`: the default. */
export const sync: KvmRevision = {
  name: "sync",
  writeCopy: true,
  emulAt: "entry",
  readStore: "reg",
  incPc: "signal",
  isv0: "sea",
  seaVia: "pendExc",
  errRec: "-EAGAIN",
  errRealm: "shutdown",
  errOther: "fatal",
  sextOrder: "new",
  ldst64b: true,
  mretYields: "any",
  serror: "pendIl",
  clearFlags: "return",
  hpfar: "sync",
  iabt: "abort",
  dispatch: "generic",
  sysreg: "gprsRt",
  gprsAt: "entry",
  ripas: "userChecked",
  extDabt: "emulFlag",
  aliasStrip: true,
};

/** An earlier design of the same series, as the vectors call it: mmio.c writes the run page itself. */
export const direct: KvmRevision = {
  ...sync,
  name: "direct",
  emulAt: "mretEnd",
  readStore: "gprs0",
  incPc: "no",
  seaVia: "flag",
  sextOrder: "old",
  serror: "pend",
};

/**
 * RFC v1 (January 2023), patch 15/28 on top of the preceding patch, which
 * brings the write copy.
 */
export const rfcV1: KvmRevision = {
  name: "rfc-v1",
  writeCopy: true,
  emulAt: "abort",
  readStore: "both",
  incPc: "yes",
  isv0: "enosys",
  seaVia: "none",
  errRec: "-ENXIO",
  errRealm: "unknownAt1",
  errOther: "-ENXIO",
  sextOrder: "old",
  ldst64b: false,
  mretYields: "never",
  serror: "vse",
  clearFlags: "dispatch",
  hpfar: "raw",
  iabt: "-ENXIO",
  dispatch: "private",
  sysreg: "gprs0",
  gprsAt: "handler",
  ripas: "kernel",
  extDabt: "emulFlag",
  aliasStrip: true,
};

/** RFC v1's patch 15/28 as its reviewer read it: without the preceding patch. */
export const rfcV1Alone: KvmRevision = {
  ...rfcV1,
  name: "rfc-v1-alone",
  writeCopy: false,
};

/** v2 (April 2024): the flag waits for kvm_handle_mmio_return, the read value has one place. */
export const v2: KvmRevision = {
  ...rfcV1,
  name: "v2",
  emulAt: "mretTop",
  readStore: "gprs0",
};

/** v6 (December 2024): no kvm_incr_pc for a REC, an SEA where there is no syndrome, results copied at entry. */
export const v6: KvmRevision = {
  ...v2,
  name: "v6",
  emulAt: "mretEnd",
  incPc: "no",
  isv0: "sea",
  seaVia: "flag",
  mretYields: "sync",
  gprsAt: "entry",
  ripas: "user",
};

/** v10 (August 2025): SHUTDOWN where SYSTEM_OFF was lost, the fault IPA of synchronous exits only. */
export const v10: KvmRevision = {
  ...v6,
  name: "v10",
  errRealm: "shutdownAt1",
  serror: "pend",
  hpfar: "sync",
};

/** v14 (May 2026), for RMM 2.0: RMI_ERROR_REC is -EAGAIN, trapped registers travel in gprs[Rt]. */
export const v14: KvmRevision = {
  ...v10,
  name: "v14",
  errRec: "-EAGAIN",
  errRealm: "shutdown",
  sysreg: "gprsRt",
};

/** Linux 7.2 without the realm series. */
export const upstream72: KvmRevision = {
  ...sync,
  name: "upstream72",
  isv0: "enosys",
};

/** Every revision that can run a realm, the default first and the rest by age. */
export const revisions: readonly KvmRevision[] = [
  sync,
  direct,
  v14,
  v10,
  v6,
  v2,
  rfcV1,
  rfcV1Alone,
];

/** Revisions that know plain VMs only. */
export const plain_revisions: readonly KvmRevision[] = [upstream72];

/** The row with this name, for realms or for plain VMs, or undefined. */
export const revisionNamed = (name: string): KvmRevision | undefined =>
  [...revisions, ...plain_revisions].find((row) => row.name === name);
