import { readFileSync } from 'node:fs';
import { snapshotScript } from '@nx-otp/core';

const usage = `nx-otp-snapshot > snapshot.script

Prints the script that takes a snapshot of a running node. On the node: file:script("/tmp/snapshot.script").
It takes no arguments.
`;

/** Prints the script that takes a snapshot of a running node; a redirected mistake must not look like one. */
export function main(args: readonly string[] = process.argv.slice(2)): void {
  const [first] = args;
  if (first === undefined) {
    process.stdout.write(readFileSync(snapshotScript, 'utf8'));
  } else if (first === '--help') {
    process.stdout.write(usage);
  } else {
    process.stderr.write(`nx-otp-snapshot takes no arguments, and was given ${first}.\n\n${usage}`);
    process.exitCode = 1;
  }
}
