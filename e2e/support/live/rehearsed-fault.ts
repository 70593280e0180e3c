import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  formatRehearsal,
  rehearseUpgrade,
  type Rehearsal,
  type RehearsalProgress,
  type RehearseUpgradeOptions,
} from '@nx-otp/core';
import type { BuiltRelease } from './build.js';
import { makeUpgrade } from './journey.js';
import type { ApplicationVersion, LiveRelease } from './scenario.js';

/** An upgrade of a release with one application, `f`, that goes wrong. */
export interface Fault {
  readonly name: string;
  readonly v1: ApplicationVersion;
  readonly v2: ApplicationVersion;
  /** Of `f`. */
  readonly appup: string;
  /** The `sys.config` entries of each version. */
  readonly config?: Readonly<Record<'v1' | 'v2', string>>;
  /** Spoils the package: a file, and a folder with what it holds. */
  readonly spoil?: (file: string, content: string) => void;
  readonly options?: Partial<RehearseUpgradeOptions>;
  /** Interferes while the rehearsal is made. */
  readonly interfere?: (progress: RehearsalProgress, pid: number) => void;
}

export function releaseOf({ name, v1, v2, appup, config }: Fault): LiveRelease {
  const scenario = {
    name,
    promise: '',
    applications: [{ name: 'f', v1, v2 }],
    load: [],
    appups: { f: appup },
    ...(config !== undefined && { config }),
  };
  return { name, scenarios: [scenario] };
}

/** What a rehearsal of a fault came to, and whether it left anything behind. */
export interface Rehearsed {
  readonly rehearsal: Rehearsal;
  /** What the report says from the first step that failed on; see `told`. */
  readonly report: readonly string[];
  /** Scratch folders, nodes that run, and files of the base that were touched. */
  readonly leftBehind: readonly string[];
}

/** The package for a fault, spoilt where that is the fault. */
export async function packageOf(built: BuiltRelease, { spoil }: Fault): Promise<string> {
  const { path } = await makeUpgrade(built);
  if (spoil === undefined) return path;
  const content = join(dirname(path), '..', 'content');
  mkdirSync(content);
  execFileSync('tar', ['xzf', path, '-C', content]);
  spoil(path, content);
  return path;
}

export function pack(file: string, content: string, ...members: readonly string[]): void {
  execFileSync('tar', [
    'czPf',
    file,
    '-C',
    content,
    ...(members.length === 0 ? ['lib', 'releases'] : members),
  ]);
}

/** Changes the relup in a package. */
export function relupTo(change: (relup: string) => string): NonNullable<Fault['spoil']> {
  return (file, content) => {
    const relup = join(content, 'releases', '2', 'relup');
    const text = readFileSync(relup, 'utf8');
    const changed = change(text);
    if (changed === text) throw new Error(`nothing was changed in:\n${text}`);
    writeFileSync(relup, changed);
    pack(file, content);
  };
}

export async function rehearseFault(built: BuiltRelease, fault: Fault): Promise<Rehearsed> {
  const place = dirname(built.v1);
  const scratchPath = join(place, 'scratch');
  const upgradePackage = await packageOf(built, fault);
  const before = hashesIn(built.v1);
  const pids: number[] = [];
  const rehearsal = await rehearseUpgrade({
    previousRelease: built.v1,
    upgradePackage,
    scratchPath,
    probes: { during: ['f_server:get()'] },
    ...fault.options,
    onProgress: (progress) => {
      if (progress.kind === 'node') pids.push(progress.pid);
      fault.interfere?.(progress, pids.at(-1) ?? 0);
    },
  });
  const after = hashesIn(built.v1);
  return {
    rehearsal,
    report: told(rehearsal),
    leftBehind: [
      ...readdirSync(scratchPath),
      ...pids.filter(isRunning).map((pid) => `node ${pid}`),
      ...[...before.keys(), ...after.keys()].filter((file) => before.get(file) !== after.get(file)),
    ],
  };
}

/**
 * A report without what differs from one run to the next (pids, times, how many calls there were), without failed calls,
 * which follow from the fault, and without the terms below the words.
 */
export function told(rehearsal: Rehearsal): string[] {
  const lines = formatRehearsal(rehearsal)
    .split('\n')
    .map((line) =>
      line
        .replace(/<\d+\.\d+\.\d+>/g, '<>')
        .replace(/(crasher: initial call: [^,]*).*/, '$1')
        .replace(/(lists\.erl:)\d+/, '$1<>'),
    );
  return lines
    .slice(lines.findIndex((line) => line.includes('FAILED')))
    .filter((line) => !/^ +(\||error call-failed)|^The rehearsal/.test(line))
    .map((line) => line.replace(/^( +(?:FAILED|ok) +[^(]*?) \(.*$/, '$1').trim());
}

function hashesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, createHash('sha256').update(readFileSync(path)).digest('hex')] as const;
    }),
  );
}

/** One that has ended and that nobody has asked for has no command line any more. */
export function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
