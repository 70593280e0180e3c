import type { BuiltRelease, VersionKey } from './build.js';
import { versionOf } from './build.js';
import { text, type LiveNode } from './live-node.js';
import type { Notes } from './notes.js';
import type { Scenario } from './scenario.js';
import { modulesOf } from './sources.js';

/** The supervised processes of a scenario: pid by application and path of child ids; an empty pid does not run. */
export type Children = ReadonlyMap<string, string>;

/** What a node is asked about a release, and what is noted where the answer is wrong. */
export interface Observer {
  readonly node: LiveNode;
  readonly built: BuiltRelease;
  readonly notes: Notes;
}

/** The supervised processes of each scenario. */
export async function childrenOf({ node, built }: Observer): Promise<ReadonlyMap<Scenario, Children>> {
  const children = new Map<Scenario, Children>();
  for (const scenario of built.release.scenarios) {
    const names = scenario.applications.map(({ name }) => name);
    const rows = (await node.ask(`live_node:children([${names.join(', ')}])`)) as string[][];
    children.set(
      scenario,
      new Map(rows.map(([application, id, pid]) => [`${application ?? ''} ${id ?? ''}`, pid ?? ''])),
    );
  }
  return children;
}

/** All that must be true of a node that runs a version, however it came there. */
export async function verifyVersion(observer: Observer, version: VersionKey, when: string): Promise<void> {
  const { node, built, notes } = observer;
  const { scenarios } = built.release;
  const applications = scenarios.flatMap((scenario) => scenario.applications);
  const versions = applications.map((application) => {
    const number = versionOf(built.release, application, version);
    return `{${application.name}, ${number === undefined ? 'none' : text(number)}}`;
  });
  const root = built.v1;
  for (const [application, finding] of (await node.ask(
    `live_node:loaded(${text(root)}, [${versions.join(', ')}])`,
  )) as [string, string][]) {
    notes.aboutApplication(application, when, finding);
  }
  const keeping = new Set(scenarios.flatMap(({ keepsOldCode = [] }) => keepsOldCode));
  const modules = applications.flatMap(({ name, v1, v2 }) =>
    [v1, v2].flatMap((sources) => (sources === undefined ? [] : Object.keys(modulesOf(name, sources)))),
  );
  const watched = [...new Set(modules)].filter((module) => !keeping.has(module));
  for (const [, finding] of (await node.ask(`live_node:running_old_code([${watched.join(', ')}])`)) as [
    string,
    string,
  ][]) {
    notes.report(when, finding);
  }
  for (const [scenario, children] of await childrenOf(observer)) {
    for (const [id, pid] of children) if (pid === '') notes.about(scenario.name, when, `${id} does not run`);
  }
}

/** The scenario, or `crash` for an event of the logger, what was said, and how often. */
export type Report = readonly [subject: string, finding: string, count: number];

/** What the clients and the logger have reported since it was asked last. */
export async function collectReports({ node, notes }: Observer, when: string): Promise<void> {
  noteReports(notes, (await node.ask('live_node:reports()')) as Report[], when);
}

export function noteReports(notes: Notes, reports: readonly Report[], when: string): void {
  for (const [subject, finding, count] of reports) {
    const counted = count === 1 ? finding : `${finding} (${count} times)`;
    if (subject === 'crash') notes.report(when, counted);
    else notes.about(subject, when, counted);
  }
}

/** Notes the expressions that do not hold. */
export async function verifyStates(
  { node, built, notes }: Observer,
  kind: 'booted' | 'prepare' | 'before' | 'up' | 'down',
  when: string,
): Promise<void> {
  for (const scenario of built.release.scenarios) {
    const expressions = scenario[kind] ?? [];
    if (expressions.length === 0) continue;
    const failed = (await node.ask(`live_node:holds([${expressions.map(text).join(', ')}])`)) as string[];
    for (const finding of failed) notes.about(scenario.name, when, finding);
  }
}

/** Processes that got lost or were replaced between two observations, children that are missing or too many. */
export function compareChildren(
  scenario: Scenario,
  { before, after, towards }: { before: Children; after: Children; towards: VersionKey },
): string[] {
  const { starts = [], stops = [], restarts = false } = scenario;
  const [gone, arrived] = towards === 'v2' ? [stops, starts] : [starts, stops];
  const idOf = (key: string): string => key.slice(key.indexOf(' ') + 1);
  const among = (ids: readonly string[], key: string): boolean =>
    ids.includes(key) || ids.includes(idOf(key));
  const expected = [...before.keys()].filter((key) => !among(gone, key));
  const findings = expected.flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    if (now === undefined) return [`the process of ${key} is gone`];
    return old === now || restarts ? [] : [`the process of ${key} was replaced: ${old ?? ''} is ${now} now`];
  });
  const known = new Set(expected);
  return [
    ...findings,
    ...arrived
      .filter((id) => ![...after.keys()].some((key) => among([id], key)))
      .map((id) => `the new child ${id} does not run`),
    ...[...after.keys()]
      .filter((key) => !known.has(key) && !among(arrived, key))
      .map((key) => `nobody expected the process of ${key}`),
  ];
}
