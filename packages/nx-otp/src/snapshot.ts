import { readFileSync } from 'node:fs';
import { snapshotScript } from '@nx-otp/core';

/** Prints the script that takes a snapshot of a running node. */
export function main(): void {
  process.stdout.write(readFileSync(snapshotScript, 'utf8'));
}
