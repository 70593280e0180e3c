import { join } from 'node:path';
import type { ModuleHashes, VersionOnDisk } from './expected-modules';
import type { Finding } from './model';
import { describe, processText, type Snapshot } from './snapshot';

export interface ExpectedVersion {
  readonly root: string;
  readonly version: VersionOnDisk;
  readonly hashes: ModuleHashes;
  /** Of the other version, whose modules must not be loaded where this one does not have them. */
  readonly otherHashes: ModuleHashes;
  /** The applications that differ between the two. */
  readonly differing: ReadonlySet<string>;
  /** The applications that had ended by themselves on the base already. */
  readonly endedBefore: ReadonlySet<string>;
  /** Whether the node loads all modules when it boots (`-mode embedded`). */
  readonly embedded: boolean;
}

/** What is loaded and runs, and is not what that version of the release has. */
export function checkVersion(snapshot: Snapshot, expected: ExpectedVersion): Finding[] {
  return [...checkApplications(snapshot, expected), ...checkModules(snapshot, expected)];
}

function checkApplications(
  snapshot: Snapshot,
  { root, version, differing, endedBefore }: ExpectedVersion,
): Finding[] {
  const findings: Finding[] = [];
  const differs = (text: string): void => {
    findings.push({ severity: 'error', code: 'application-differs', text });
  };
  const running = new Map(snapshot.applications.map((application) => [application.name, application]));
  for (const name of version.started) {
    const wanted = version.applications.get(name) ?? '';
    const found = running.get(name);
    if (found === undefined) {
      if (!endedBefore.has(name)) differs(`the application ${name} ${wanted} does not run.`);
    } else if (found.version !== wanted) {
      differs(`the application ${name} runs in version ${found.version}, expected ${wanted}.`);
    } else if (differing.has(name) && found.path !== join(root, 'lib', `${name}-${wanted}`)) {
      differs(
        `the code path leads to ${found.path} for the application ${name}, expected lib/${name}-${wanted}.`,
      );
    }
  }
  for (const { name, version: found } of snapshot.applications) {
    if (!version.applications.has(name) && differing.has(name)) {
      differs(
        `the application ${name} ${found} still runs, and the release ${version.version} does not have it.`,
      );
    }
  }
  return findings;
}

function checkModules(
  snapshot: Snapshot,
  { version, hashes, otherHashes, embedded }: ExpectedVersion,
): Finding[] {
  const findings: Finding[] = [];
  for (const { name, md5 } of snapshot.modules) {
    const wanted = hashes.get(name);
    const other = otherHashes.get(name);
    const differs = (text: string): void => {
      findings.push({ severity: 'error', code: 'module-differs', module: name, text });
    };
    if (wanted === undefined) {
      if (md5 !== undefined && other !== undefined) {
        differs(`${name} is still loaded, and the release ${version.version} does not have it.`);
      }
    } else if (md5 === undefined) {
      if (embedded) differs(`${name} of ${wanted.application} is not loaded.`);
    } else if (md5 !== wanted.md5) {
      const isOther = md5 === other?.md5;
      differs(
        `${name} of ${wanted.application} is loaded in other code than the release ${version.version} has${isOther ? ', that of the version before' : ''}.`,
      );
    }
  }
  return findings;
}

/** Processes that wait to be resumed, and would wait for ever. */
export function checkSuspended(snapshot: Snapshot, before: Snapshot): Finding[] {
  const known = new Set(before.processes.filter(({ suspended }) => suspended).map(({ pid }) => pid));
  return snapshot.processes
    .filter(({ suspended, pid }) => suspended && !known.has(pid))
    .map((process) => ({
      severity: 'error',
      code: 'process-suspended',
      process: describe(process),
      text: `${processText(describe(process))} is still suspended: it answers nobody any more.`,
    }));
}

/** Processes in old code: `purge` says what becomes of them. */
export function checkOldCode(snapshot: Snapshot, purge: 'would-kill' | 'has-been'): Finding[] {
  const processes = new Map(snapshot.processes.map((process) => [process.pid, process]));
  return snapshot.oldCode.map(({ module, pid, where }) => {
    const known = processes.get(pid);
    const process = known === undefined ? { pid, where } : { ...describe(known), where };
    const supervised = known !== undefined && known.path !== '';
    return {
      severity: purge === 'has-been' && supervised ? 'error' : 'note',
      code: 'process-in-old-code',
      module,
      process,
      text: `${processText(process)} runs old code of ${module}, in ${where}${purge === 'would-kill' ? ': a brutal purge kills it' : ': the next change of the module kills it'}.`,
    };
  });
}
