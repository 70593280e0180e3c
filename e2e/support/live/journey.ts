import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { generateUpgrade, type Diagnostic, type UpgradePackage } from '@nx-otp/core';
import { numberOf, type BuiltRelease, type Otp, type VersionKey } from './build.js';
import { startLiveNode, text, type LiveNode } from './live-node.js';
import { Notes } from './notes.js';
import {
  childrenOf,
  collectReports,
  compareChildren,
  noteReports,
  verifyStates,
  verifyVersion,
  type Observer,
  type Report,
} from './observe.js';

/** How many calls each client makes while release_handler installs, and again before the release is permanent. */
const callsAcross = 1000;

/** What came of taking a release through its upgrade with clients calling all the while. */
export interface Journey {
  /** By scenario, what went wrong; nothing, where all went well. */
  readonly findings: ReadonlyMap<string, readonly string[]>;
  readonly diagnostics: readonly Diagnostic[];
  readonly installations: readonly Installation[];
  /** The text of the relup that was installed. */
  readonly relup: string;
}

export interface Installation {
  readonly to: VersionKey;
  readonly milliseconds: number;
  /** How many calls each client made while release_handler was at work. */
  readonly calls: readonly number[];
}

/**
 * Makes the package that leads to the newer version of a release.
 *
 * @param otherBases releases that the package is for, too
 * @throws BlockedUpgradeError where planning refuses
 */
export function makeUpgrade(
  built: BuiltRelease,
  otherBases: readonly BuiltRelease[] = [],
): Promise<UpgradePackage> {
  const place = dirname(built.v1);
  return generateUpgrade({
    previousReleases: [built, ...otherBases].map(({ v1 }) => v1),
    release: built.v2,
    outputPath: join(place, 'upgrade'),
    appupsPath: writeAppups(join(place, 'appups'), built),
  });
}

/** Takes a release through its upgrade, on a node of its own: up, down, up and a boot, down and a boot. */
export async function travel(built: BuiltRelease, otp: Otp, upgrade: UpgradePackage): Promise<Journey> {
  const notes = new Notes(built.release);
  const installations: Installation[] = [];
  let node = await startLiveNode(built.v1, built.driver, otp);
  const observer = (): Observer => ({ node, built, notes });
  const install = async (to: VersionKey, when: string): Promise<void> => {
    installations.push(await installUnderLoad(observer(), to, when));
  };
  const reboot = async (): Promise<void> => {
    await node.kill();
    node = await startLiveNode(built.v1, built.driver, otp);
    await verifyStates(observer(), 'booted', 'booted');
  };
  try {
    await verifyStates(observer(), 'booted', 'preparing');
    await verifyStates(observer(), 'prepare', 'preparing');
    await verifyStates(observer(), 'before', 'before');
    copyFileSync(upgrade.path, join(built.v1, 'releases', basename(upgrade.path)));
    const unpacked = await node.ask(`release_handler:unpack_release(${text(upgrade.packageName)})`);
    if (unpacked !== `{ok,"${numberOf(built.release, 'v2')}"}`)
      throw new Error(`unpack_release: ${String(unpacked)}`);
    const relup = join(built.v1, 'releases', numberOf(built.release, 'v2'), 'relup');
    const { tamper } = built.release;
    if (tamper !== undefined) writeFileSync(relup, tamper(readFileSync(relup, 'utf8')));
    await node.ask(`live_node:slow_down(${text(relup)})`);
    await node.ask('live_node:clients()');
    await install('v2', 'up');
    await verifyStates(observer(), 'up', 'up');
    await install('v1', 'down');
    await verifyStates(observer(), 'down', 'down');
    await install('v2', 'up again');
    await node.ask('live_node:stop_clients()');
    await collectReports(observer(), 'up again');
    await reboot();
    await verifyVersion(observer(), 'v2', 'booted after the upgrade');
    await node.ask('live_node:clients()');
    await install('v1', 'down after a boot');
    await node.ask('live_node:stop_clients()');
    await collectReports(observer(), 'down after a boot');
    await reboot();
    await verifyVersion(observer(), 'v1', 'booted after the downgrade');
    await collectReports(observer(), 'booted after the downgrade');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const log = (): string => `${reason}\n${readFileSync(join(built.v1, 'node.log'), 'utf8').slice(-3000)}`;
    notes.everywhere('at the end', await collectReports(observer(), 'at the end').then(() => reason, log));
  } finally {
    await node.kill();
  }
  return {
    findings: notes.findings,
    diagnostics: upgrade.diagnostics,
    installations,
    relup: readFileSync(join(dirname(upgrade.path), 'relup'), 'utf8'),
  };
}

/** Installs a version and makes it permanent, between calls of every client, and verifies what runs then. */
async function installUnderLoad(observer: Observer, to: VersionKey, when: string): Promise<Installation> {
  const { node, built, notes } = observer;
  await callsOfAll(node, 50);
  const before = await childrenOf(observer);
  const start = (await node.ask('live_node:calls()')) as number[];
  const installed = (await node.ask(`live_node:install(${text(numberOf(built.release, to))})`)) as {
    readonly result: string;
    readonly reports: readonly Report[];
    readonly milliseconds: number;
    readonly calls: readonly number[];
  };
  if (!installed.result.startsWith('{ok,')) {
    noteReports(notes, installed.reports, when);
    throw new Error(`install_release ${when}: ${installed.result}`);
  }
  const fewest = Math.min(...installed.calls);
  if (fewest < callsAcross) notes.everywhere(when, `a client made ${fewest} calls during the installation`);
  await callsOfAll(node, 2 * callsAcross, start);
  const permanent = await node.ask(`release_handler:make_permanent(${text(numberOf(built.release, to))})`);
  if (permanent !== 'ok') throw new Error(`make_permanent ${when}: ${String(permanent)}`);
  await verifyVersion(observer, to, when);
  const after = await childrenOf(observer);
  for (const scenario of built.release.scenarios) {
    const [then = new Map<string, string>(), now = new Map<string, string>()] = [
      before.get(scenario),
      after.get(scenario),
    ];
    for (const finding of compareChildren(scenario, { before: then, after: now, towards: to })) {
      notes.about(scenario.name, when, finding);
    }
  }
  await collectReports(observer, when);
  return { to, ...installed };
}

/** Waits until every client has made so many calls since it had made those. */
async function callsOfAll(node: LiveNode, wanted: number, since: readonly number[] = []): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const calls = (await node.ask('live_node:calls()')) as number[];
    if (calls.every((count, index) => count - (since[index] ?? 0) >= wanted)) return;
    await setTimeout(10);
  }
  throw new Error(`a client made less than ${wanted} calls in 20 seconds`);
}

function writeAppups(folder: string, { release }: BuiltRelease): string {
  mkdirSync(folder, { recursive: true });
  const reviewed = Object.assign(
    {},
    ...release.scenarios.map(({ appups }) => appups),
    release.appups,
  ) as object;
  for (const [application, appup] of Object.entries(reviewed) as [string, string][]) {
    writeFileSync(join(folder, `${application}.appup`), appup);
  }
  return folder;
}
