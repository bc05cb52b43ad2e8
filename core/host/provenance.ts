/**
 * How each row of the revision table is known, cell by cell.
 *
 * A row was read, deduced from its neighbours, or is general knowledge that
 * nobody checked; so can be a single cell of a row that was read. What is not
 * `stated` is a claim to test and never a fact about Linux.
 *
 * Source: kvm.md §1a (what was read), §1b, §8 (what was not).
 *
 * @module
 */

import {
  direct,
  rfcV1,
  rfcV1Alone,
  sync,
  upstream72,
  v10,
  v14,
  v2,
  v6,
} from "./revision.ts";
import type { KvmRevision, Switches } from "./switches.ts";

/** How something is known. */
export type Proof =
  /** A patch, a tree or a reviewer says so. */
  | "stated"
  /** Follows from what neighbouring revisions say. */
  | "deduced"
  /** General knowledge, not read again. */
  | "known";

/** One row with where it comes from. */
export interface Provenance {
  readonly row: KvmRevision;
  /** What the row is, in a few words. */
  readonly what: string;
  /** Message id, or tree and commit. */
  readonly evidence: string;
  /** How the row's cells are known unless `cells` says otherwise. */
  readonly proof: Proof;
  /** The cells that are known otherwise. */
  readonly cells: Readonly<Partial<Record<keyof Switches, Proof>>>;
}

/** Cells of the private-dispatch revisions that no mail read for them shows. */
const unread = {
  extDabt: "known",
  mretYields: "known",
  serror: "known",
  ripas: "known",
} as const;

/** Where every row comes from, in the order of the table. */
export const provenance: readonly Provenance[] = [
  {
    row: sync,
    what: "the newest tree read; its number in the series is not established",
    evidence: "kamalca/linux rmi-exit.c, mmio.c, mmu.c at 7e3cfe38",
    proof: "stated",
    cells: { ripas: "known", serror: "known" },
  },
  {
    row: direct,
    what: "the design of v6 to v14 inside the newest tree's KVM",
    evidence: "no tree; the name is the reference vectors'",
    proof: "deduced",
    cells: {},
  },
  {
    row: v14,
    what: "v14, 2026-05-13",
    evidence: "patches 22, 24, 34/44; lougovsk/linux rmi-exit.c at 2bb5e3e1",
    proof: "stated",
    cells: { mretYields: "deduced", serror: "known", ripas: "known" },
  },
  {
    row: v10,
    what: "v10, 2025-08-20",
    evidence: "20250820145606.180644-19 and -27-steven.price@arm.com",
    proof: "stated",
    cells: {
      // The changelogs after v9, which was not read, mention no other change.
      errRealm: "deduced",
      hpfar: "deduced",
      gprsAt: "deduced",
      serror: "known",
      ripas: "known",
    },
  },
  {
    row: v6,
    what: "v6, 2024-12-12",
    evidence: "20241212155610.76522-19 and -27-steven.price@arm.com",
    proof: "stated",
    cells: {
      gprsAt: "deduced",
      mretYields: "known",
      serror: "known",
      ripas: "known",
    },
  },
  {
    row: v2,
    what: "v2, 2024-04-12",
    evidence: "20240412084309.1733783-20-steven.price@arm.com",
    proof: "stated",
    cells: { ...unread, extDabt: "deduced" },
  },
  {
    row: rfcV1,
    what: "RFC v1, 2023-01-27, patches 14 and 15/28",
    evidence: "20230127112932.38045-16-steven.price@arm.com",
    proof: "stated",
    cells: unread,
  },
  {
    row: rfcV1Alone,
    what: "RFC v1's patch 15/28 without 14/28, as its reviewer read it",
    evidence: "20230127112932.38045-16-steven.price@arm.com",
    proof: "stated",
    cells: unread,
  },
  {
    row: upstream72,
    what: "Linux without the series: plain VMs only",
    evidence: "mainline mmio.c",
    proof: "known",
    cells: {},
  },
];

/** How cell `name` of a row is known. */
export const proofOf = (from: Provenance, name: keyof Switches): Proof =>
  from.cells[name] ?? from.proof;
