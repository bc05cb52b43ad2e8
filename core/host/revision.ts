/**
 * KVM revisions as data: the switches in which revisions of the CCA series
 * differ (kvm.md §1b, §7).
 *
 * @module
 */

/** One row of the revision table. */
export interface KvmRevision {
  readonly name: string;
}
