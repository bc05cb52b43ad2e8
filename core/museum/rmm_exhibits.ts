/**
 * Bugs of RMMs, each with the commit or issue that made it public.
 *
 * Source: known-bugs.md 2A, 2C; rmm.md §2.4, §8.
 *
 * @module
 */

import { rmm_2_0 } from "../rmm/profile.ts";
import type { Exhibit } from "./exhibit.ts";

/** SCTLR2_EL1.EASE. */
const ease = 1n << 5n;

/** Every exhibit whose switch is the RMM's. */
export const rmm_exhibits: readonly Exhibit[] = [
  {
    name: "isv-kept",
    was:
      "the saved syndrome of a Protected abort kept ISV, so that EMUL_MMIO was accepted after it",
    source: "TF-RMM 303ee028 (August 2024)",
    claim: "published",
    moved: { actor: "rmm", to: { saved_isv_follows: false } },
    moves: ["run", "enter", "ram"],
    killers: ["I15"],
  },
  {
    name: "both-flags",
    was: "INJECT_SEA and EMUL_MMIO took effect together: PC+4, then the SEA",
    source: "TF-RMM 6af510c0 (May 2024)",
    claim: "published",
    moved: { actor: "rmm", to: { sea_wins: false } },
    moves: ["run", "enter", "read", "rmi-both"],
    killers: ["I5", "S1", "S3", "S5"],
  },
  {
    name: "isv0-leak",
    was:
      "an abort without a syndrome was reported as if it had one: page offset, SAS, SF, and for a store the low byte of X0",
    source: "TF-RMM 4de93bb0 (April 2026)",
    claim: "published",
    moved: { actor: "rmm", to: { isv_test: false } },
    moves: ["run", "enter", "stp"],
    killers: ["C10"],
  },
  {
    name: "sysreg-rt",
    was: "the exit of a trapped register access named the realm's register",
    source: "TF-RMM a6159b40",
    claim: "published",
    moved: { actor: "rmm", to: { sysreg_exit: "raw" } },
    moves: ["run", "enter", "icc-read"],
    killers: ["X7"],
  },
  {
    name: "beyond-ipa",
    was: "an access beyond the IPA space went to the host",
    source: "TF-RMM 228d0280 (February 2024)",
    claim: "published",
    moved: { actor: "rmm", to: { outside_from: "never" } },
    moves: ["run", "enter", "outside"],
    killers: ["C4", "C5", "C9", "C10"],
  },
  {
    name: "edge-of-ipa",
    was: "Islet compares with > where the IPA space ends with >=",
    source: "islet beside TF-RMM 228d0280 (known-bugs 5)",
    claim: "published",
    moved: { actor: "rmm", to: { outside_from: "above-width" } },
    moves: ["run", "enter", "edge"],
    killers: ["C4", "C9", "C10"],
  },
  {
    name: "any-exit",
    was:
      "EMUL_MMIO was taken after any exit: the host could set a register of its choice",
    source: "islet#376",
    claim: "published",
    moved: { actor: "rmm", to: { emul_checked: false } },
    moves: ["rmi-emul"],
    killers: ["I5", "I7", "I14"],
  },
  {
    name: "sea-dropped",
    was:
      "INJECT_SEA was accepted and no SEA injected; the test suite was green",
    source: "islet#438 (July 2025)",
    claim: "published",
    moved: { actor: "rmm", to: { sea_injected: false } },
    moves: ["run", "enter", "read", "rmi-sea"],
    killers: ["S3", "S5"],
  },
  {
    name: "ease",
    was: "an SEA took the synchronous vector although SCTLR2_EL1.EASE was set",
    source: "TF-RMM issue 33",
    claim: "published",
    on: { rmm: { ...rmm_2_0, features: ["sctlr2"] } },
    sysregs: { sctlr2_el1: ease },
    moved: { actor: "rmm", to: { ease: false } },
    moves: ["run", "enter", "touch", "rmi-sea"],
    killers: ["S3"],
  },
  {
    name: "store-lost",
    was: "a store's value did not reach the host",
    source: "islet#116",
    claim: "published",
    moved: { actor: "rmm", to: { store_shown: false } },
    moves: ["run", "enter", "write"],
    killers: ["C1"],
  },
];
