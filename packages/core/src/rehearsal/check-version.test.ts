import { expect, it } from 'vitest';
import { checkOldCode, checkSuspended, checkVersion, type ExpectedVersion } from './check-version';
import type { Snapshot } from './snapshot';

const expected: ExpectedVersion = {
  root: '/r',
  version: {
    version: '2',
    applications: new Map([
      ['kernel', '1'],
      ['shop', '2'],
      ['new', '1'],
    ]),
    started: new Set(['kernel', 'shop', 'new']),
  },
  hashes: new Map([
    ['shop', { application: 'shop', md5: 'aa' }],
    ['added', { application: 'shop', md5: 'bb' }],
  ]),
  otherHashes: new Map([
    ['shop', { application: 'shop', md5: 'cc' }],
    ['gone', { application: 'shop', md5: 'dd' }],
  ]),
  differing: new Set(['shop', 'new', 'old']),
  endedBefore: new Set(),
  embedded: true,
};
const fine: Snapshot = {
  at: 0,
  applications: [
    { name: 'kernel', version: '1', path: '/usr/lib/kernel' },
    { name: 'shop', version: '2', path: '/r/lib/shop-2' },
    { name: 'new', version: '1', path: '/r/lib/new-1' },
  ],
  processes: [],
  modules: [
    { name: 'shop', md5: 'aa', old: false },
    { name: 'added', md5: 'bb', old: false },
    { name: 'gone', old: false },
  ],
  oldCode: [],
  counts: { processes: 0, ports: 0, memory: 0, messages: 0 },
};
const said = (snapshot: Partial<Snapshot>, more: Partial<ExpectedVersion> = {}): string[] =>
  checkVersion({ ...fine, ...snapshot }, { ...expected, ...more }).map(({ text }) => text);

it('what the release has is no finding', () => {
  expect(said({})).toEqual([]);
});

it('applications run in the version of the release, from its folder', () => {
  const applications = [
    { name: 'kernel', version: '1', path: '' },
    { name: 'shop', version: '2', path: '/r/lib/shop-1' },
    { name: 'old', version: '3', path: '/r/lib/old-3' },
  ];
  expect(said({ applications })).toEqual([
    'the code path leads to /r/lib/shop-1 for the application shop, expected lib/shop-2.',
    'the application new 1 does not run.',
    'the application old 3 still runs, and the release 2 does not have it.',
  ]);
  expect(said({ applications: applications.slice(0, 1) }, { endedBefore: new Set(['new', 'shop']) })).toEqual(
    [],
  );
});

it('modules are those of the release', () => {
  const modules = [
    { name: 'shop', md5: 'cc', old: true },
    { name: 'added', old: false },
    { name: 'gone', md5: 'dd', old: false },
  ];
  expect(said({ modules })).toEqual([
    'shop of shop is loaded in other code than the release 2 has, that of the version before.',
    'added of shop is not loaded.',
    'gone is still loaded, and the release 2 does not have it.',
  ]);
  expect(said({ modules: [{ name: 'added', old: false }] }, { embedded: false })).toEqual([]);
});

const process = {
  application: 'shop',
  path: 'a',
  pid: '<0.1.0>',
  type: 'worker',
  modules: ['shop'],
  alive: true,
  name: 'shop',
  initialCall: '',
  suspended: true,
  messages: 0,
  memory: 0,
} as const;

it('a process that stays suspended is found, one that was suspended before is not', () => {
  const suspended = { ...fine, processes: [process] };
  expect(checkSuspended(suspended, fine).map(({ text }) => text)).toEqual([
    'shop (shop, <0.1.0>) is still suspended: it answers nobody any more.',
  ]);
  expect(checkSuspended(suspended, suspended)).toEqual([]);
});

it('old code is a note until it has been purged, and then an error for who is supervised', () => {
  const oldCode = [
    { module: 'shop', pid: '<0.1.0>', where: 'shop:loop/1' },
    { module: 'shop', pid: '<0.2.0>', where: 'a:b/0' },
  ];
  const snapshot = { ...fine, processes: [process], oldCode };
  const severities = (purge: 'would-kill' | 'has-been'): string[] =>
    checkOldCode(snapshot, purge).map(({ severity }) => severity);
  expect(severities('would-kill')).toEqual(['note', 'note']);
  expect(severities('has-been')).toEqual(['error', 'note']);
  expect(checkOldCode(snapshot, 'would-kill')[0]?.text).toBe(
    'shop (shop, <0.1.0>) runs old code of shop, in shop:loop/1: a brutal purge kills it.',
  );
});
