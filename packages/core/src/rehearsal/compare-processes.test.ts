import { expect, it } from 'vitest';
import { parseInstruction } from '../appup';
import { readFirstTerm } from '../erlang';
import { compareProcesses, type Exit } from './compare-processes';
import type { InstalledScript } from './installed-relup';
import type { Snapshot, SnapshotProcess } from './snapshot';

function process(pid: string, path: string, more: Partial<SnapshotProcess> = {}): SnapshotProcess {
  return {
    application: 'shop',
    path,
    pid,
    type: 'worker',
    modules: [path],
    alive: true,
    name: '',
    initialCall: '',
    suspended: false,
    messages: 0,
    memory: 0,
    ...more,
  };
}

function snapshot(...processes: readonly SnapshotProcess[]): Snapshot {
  const counts = { processes: 0, ports: 0, memory: 0, messages: 0 };
  return { at: 0, applications: [], processes, modules: [], oldCode: [], counts };
}

function script(...instructions: readonly string[]): InstalledScript {
  const terms = instructions.map((text) => readFirstTerm(`${text}.`, 'test').term);
  return { direction: 'up', terms, instructions: terms.map((term) => parseInstruction(term)) };
}

const exit = (kind: Exit['kind'], reason: string): ReadonlyMap<string, Exit> =>
  new Map([['<0.1.0>', { kind, reason }]]);
const said = (
  before: Snapshot,
  after: Snapshot,
  exits: ReadonlyMap<string, Exit>,
  asked?: InstalledScript,
): string[] =>
  compareProcesses(before, after, exits, asked).findings.map(
    ({ severity, code, text }) => `${severity} ${code}: ${text}`,
  );

it('a process that is the same is no finding, and new ones are counted', () => {
  const { findings, ...counts } = compareProcesses(
    snapshot(process('<0.1.0>', 'a'), process('<0.2.0>', '')),
    snapshot(process('<0.1.0>', 'a'), process('<0.2.0>', ''), process('<0.3.0>', 'b')),
    new Map(),
    undefined,
  );
  expect(findings).toEqual([]);
  expect(counts).toEqual({ same: 2, replaced: 0, gone: 0, added: 1 });
});

it('a child that was replaced has lost its state, unless the relup asks for that', () => {
  const before = snapshot(process('<0.1.0>', 'sup/a', { name: 'shop_a', modules: ['shop_a'] }));
  const after = snapshot(process('<0.9.0>', 'sup/a', { name: 'shop_a', modules: ['shop_a'] }));
  const ended = exit('crash', 'badarg');
  expect(said(before, after, ended)).toEqual([
    'error process-replaced: shop_a (shop, <0.1.0>) was replaced by <0.9.0>: its state is lost. It ended with the reason badarg.',
  ]);
  const asked = [
    script('{stop, [shop_a]}'),
    script('{apply, {application, stop, [shop]}}'),
    script('{apply, {supervisor, terminate_child, [shop_sup, a]}}'),
    script("{apply, {'Elixir.Supervisor', terminate_child, [shop_sup, sup]}}"),
  ];
  for (const one of asked) {
    expect(said(before, after, exit('shutdown', 'shutdown'), one)).toEqual([
      'note process-replaced: shop_a (shop, <0.1.0>) was replaced by <0.9.0>, as the relup asks for. It ended with the reason shutdown.',
    ]);
  }
  expect(said(before, after, ended, script('{stop, [other]}'))).toHaveLength(1);
});

it('the id of a child may be any term', () => {
  const before = snapshot(process('<0.1.0>', 'sup/{a,1}'));
  const asked = script('{apply, {supervisor, delete_child, [shop_sup, {a, 1}]}}');
  expect(said(before, snapshot(), exit('shutdown', 'shutdown'), asked)).toEqual([
    'note process-gone: the child sup/{a,1} (shop, <0.1.0>) is gone, as the relup asks for. It ended with the reason shutdown.',
  ]);
});

it('a process that was killed is one that a purge has killed', () => {
  expect(said(snapshot(process('<0.1.0>', '')), snapshot(), exit('killed', 'killed'))).toEqual([
    'error process-killed: a process (shop, <0.1.0>) was killed, by a purge of old code or by somebody else.',
  ]);
  const before = {
    ...snapshot(process('<0.1.0>', 'a')),
    oldCode: [{ module: 'shop', pid: '<0.1.0>', where: 'shop:loop/1 < x:y/2' }],
  };
  expect(said(before, snapshot(process('<0.2.0>', 'a')), exit('killed', 'killed'))).toEqual([
    'error process-killed: the child a (shop, <0.1.0>) was killed: it ran old code of shop, in shop:loop/1 < x:y/2, which was purged. <0.2.0> has taken its place, without its state.',
  ]);
});

it('what is gone is said of children, and of others only when they crashed', () => {
  expect(said(snapshot(process('<0.1.0>', 'a')), snapshot(), new Map())).toEqual([
    'error process-gone: the child a (shop, <0.1.0>) is gone, and nothing has taken its place.',
  ]);
  for (const dynamic of [process('<0.1.0>', ''), process('<0.1.0>', '1', { type: 'dynamic' })]) {
    expect(said(snapshot(dynamic), snapshot(), exit('normal', 'normal'))).toEqual([]);
    expect(said(snapshot(dynamic), snapshot(), exit('crash', 'oops'))).toHaveLength(1);
  }
});
