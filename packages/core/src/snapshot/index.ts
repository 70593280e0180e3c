export { type ShippedDifference } from './compare-with-snapshot';
export { compareWithShipped, readEvidence, type ComparedBase, type Evidence } from './evidence';
export { isSnapshot, readSnapshot, snapshotRelease, snapshotScript, type Snapshot } from './snapshot';
