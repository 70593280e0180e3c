import { describe, expect, it } from 'vitest';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { parseInstruction, type PlannedAppup, type PlannedSection } from '../appup';
import type { ApplicationDiff, FileDiff, ModuleDiff, ReleaseDiff } from '../diff';
import { readFirstTerm } from '../erlang';
import type { Application, FileTree } from '../release';
import { BlockedUpgradeError, filesInTheWay, formatDiagnostic, throwIfBlocked, type Diagnostic } from '.';
import { basesDiffer } from './bases-differ';
import { changeNotCovered } from './change-not-covered';
import { codeChangedSameVersion } from './code-changed-same-version';
import { fileNotShipped } from './file-not-shipped';
import { moduleNotListed } from './module-not-listed';
import { staleAppup } from './stale-appup';
import { strippedBeams } from './stripped-beams';

interface Fields {
  readonly from?: string;
  readonly to?: string;
  readonly base?: string;
  readonly modules?: readonly ModuleDiff[];
  readonly files?: readonly FileDiff[];
}

function application(version: string, origin: string): Application {
  const tree = { kind: 'folder', origin, files: [] } as unknown as FileTree;
  return { name: 'x', version, tree } as unknown as Application;
}

/** The application `x` in two releases. */
function difference({
  from = '1',
  to = '2',
  base = 'prod',
  modules = [],
  files = [],
}: Fields): ApplicationDiff {
  return {
    name: 'x',
    previous: application(from, base),
    next: application(to, 'next'),
    modules,
    files,
    resource: {},
  };
}

function release(fields: Partial<ReleaseDiff>): ReleaseDiff {
  const previous = { version: '0.1' };
  const next = { name: 'dummy', version: '0.2', tree: { files: [] } };
  return { previous, next, kept: [], stripped: [], startScripts: [], ...fields } as unknown as ReleaseDiff;
}

const codes = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.map(({ code, severity, module = '' }) => `${severity} ${code} ${module}`.trim());

describe('code-changed-same-version', () => {
  const of = (fields: Fields): string | undefined =>
    codeChangedSameVersion(difference({ to: '1', ...fields }))[0]?.message;

  it('finds code and files that the node would not get', () => {
    expect(of({ modules: [changed('b'), added('c')] })).toBe(
      'the code of b, c differs, but the version of x is 1 in both releases, so the node would keep the old files.',
    );
    expect(of({ files: [{ kind: 'changed', path: 'priv/a' }] })).toMatch(/^priv\/a differs, /);
    expect(
      of({
        files: [
          { kind: 'changed', path: 'ebin/not_listed.beam' },
          { kind: 'removed', path: 'priv/a' },
        ],
      }),
    ).toMatch(/^ebin\/not_listed\.beam, priv\/a differ, /);
    expect(of({ modules: [changed('b')], files: [{ kind: 'added', path: 'priv/a' }] })).toMatch(
      /^the code of b and priv\/a differ, /,
    );
    expect(of({ files: [1, 2, 3, 4, 5, 6, 7].map((n) => ({ kind: 'added', path: `priv/${n}` })) })).toMatch(
      /^priv\/1, priv\/2, priv\/3, priv\/4, priv\/5 and 2 more differ, /,
    );
  });

  it('is no matter where the version changed, or the code says the same', () => {
    expect(of({ to: '2', modules: [changed('b')] })).toBeUndefined();
    expect(of({ modules: [{ kind: 'equivalent', name: 'b', differences: ['debug-info'] }] })).toBeUndefined();
  });
});

describe('module-not-listed', () => {
  it('stops where code changed that no instruction can load, and warns of a module that is not loaded at all', () => {
    const files: FileDiff[] = [
      { kind: 'changed', path: 'ebin/a.beam' },
      { kind: 'added', path: 'ebin/b.beam' },
      { kind: 'removed', path: 'ebin/c.beam' },
      { kind: 'changed', path: 'priv/d.beam' },
    ];
    expect(codes(moduleNotListed(difference({ files })))).toEqual([
      'error module-not-listed a',
      'warning module-not-listed b',
    ]);
    expect(moduleNotListed(difference({ to: '1', files }))).toEqual([]);
  });
});

describe('stripped-beams', () => {
  it('names the modules that are loaded and have no attributes, on either side', () => {
    const modules = [
      changed('a', { stripped: true }, {}),
      changed('b', {}, { stripped: true }),
      added('c', { stripped: true }),
      removed('d', { stripped: true }),
      changed('e'),
    ];
    const stripped = [{ application: 'y', version: '3', modules: ['m'] }];
    const found = strippedBeams(release({ kept: [difference({ modules })], stripped }));
    expect(found.map(({ message }) => message.replace(/ \(beam_lib.*/, ''))).toEqual([
      'x 1 has no attributes in a, d',
      'x 2 has no attributes in b, c',
      'y 3 has no attributes in m',
    ]);
    expect(codes(found)[0]).toBe('error stripped-beams');
  });
});

describe('bases-differ', () => {
  it('stops where one version of an application is two builds with different code', () => {
    const one = difference({ modules: [changed('a', { md5: '1' })] });
    const same = difference({
      base: 'b',
      modules: [changed('a', { md5: '1' }), { kind: 'equivalent', name: 'c', differences: [] }],
    });
    const other = difference({ base: 'c', modules: [changed('a', { md5: '3' })] });
    expect(basesDiffer([one, same])).toEqual([]);
    expect(basesDiffer([one, difference({ base: 'd' })])).toHaveLength(1);
    expect(basesDiffer([one, difference({ modules: [...one.modules, added('z')] })])).toHaveLength(1);
    expect(basesDiffer([one, difference({ modules: [removed('a', { md5: '1' })] })])).toHaveLength(1);
    expect(basesDiffer([one, same, other]).map(({ message }) => message)).toEqual([
      'the previous releases in prod and c have x 1 with different code, and one section of the appup would have to serve both.',
    ]);
  });
});

describe('change-not-covered', () => {
  function section(direction: 'up' | 'down', instructions: string): PlannedSection {
    const list = readFirstTerm(`[${instructions}].`, 'x').term;
    const elements = list.kind === 'list' ? list.elements : [];
    const origin = {
      kind: 'kept',
      file: 'x.appup',
      instructions: elements.map((one) => parseInstruction(one)),
    } as const;
    return { direction, version: '1', origin };
  }
  const appup = (...sections: PlannedSection[]): PlannedAppup => ({
    application: 'x',
    version: '2',
    appup: { file: 'x.appup', version: '2', up: [], down: [] },
    sections,
    stale: [],
  });
  const modules = [
    changed('a'),
    added('b'),
    removed('c'),
    { kind: 'equivalent', name: 'd', differences: [] } as const,
  ];

  it.each<[string, 'up' | 'down', string, string[]]>([
    ['nothing at all', 'up', '', ['a', 'b', 'c']],
    ['all of it', 'up', '{update,a},{add_module,b},{delete_module,c}', []],
    ['all of it on the way down', 'down', '{load_module,a},{delete_module,b},{add_module,c}', []],
    ['the way up, on the way down', 'down', '{update,a},{add_module,b},{delete_module,c}', ['b', 'c']],
    ['a module as a dependency only', 'up', '{load_module,a,[b]},{delete_module,c}', ['b']],
    [
      'low-level instructions',
      'up',
      '{load,{a,brutal_purge,brutal_purge}},{load,{b,brutal_purge,brutal_purge}},{remove,{c,brutal_purge,brutal_purge}}',
      [],
    ],
    ['a restart of the application', 'up', '{restart_application,x}', []],
    ['a restart of another application', 'up', '{restart_application,y}', ['a', 'b', 'c']],
    ['a restart of the emulator', 'up', 'restart_emulator', []],
    ['a new emulator', 'up', 'restart_new_emulator', []],
  ])('%s', (_, direction, instructions, missing) => {
    const found = changeNotCovered(difference({ modules }), appup(section(direction, instructions)));
    expect(found.map(({ module }) => module)).toEqual(missing);
  });

  it.each<[LiteralFacts, string]>([
    [{ behaviours: ['gen_server'], exports: ['code_change/3'] }, '{update, a, {advanced, []}}'],
    [{ behaviours: ['supervisor'] }, '{update, a, supervisor}'],
  ])('suggests for %j what would be generated', (literal, instruction) => {
    const [finding] = changeNotCovered(
      difference({ modules: [changed('a', literal)] }),
      appup(section('up', '')),
    );
    expect(finding?.fix).toContain(`such as ${instruction} to that section`);
  });

  it('says which section of which file lacks what', () => {
    const [finding] = changeNotCovered(difference({ modules: [changed('a')] }), appup(section('down', '')));
    expect(finding).toEqual({
      code: 'change-not-covered',
      severity: 'error',
      application: 'x',
      module: 'a',
      message:
        'a changed, but no instruction of the section "down to 1" of x.appup names it, so the node would keep what it has.',
      fix: 'Add an instruction such as {load_module, a} to that section, or remove the section to have it generated.',
    });
  });

  it('looks at the sections for the version of the base only', () => {
    expect(changeNotCovered(difference({ from: '0', modules }), appup(section('up', '')))).toEqual([]);
  });
});

it('stale-appup warns of an appup that is for another version', () => {
  const stale = [{ file: 'rel/appups/x.appup', version: '1.5', up: [], down: [] }];
  const [finding] = staleAppup({
    application: 'x',
    version: '2',
    stale,
    sections: [],
    appup: { file: '', version: '2', up: [], down: [] },
  });
  expect(finding?.severity).toBe('warning');
  expect(finding?.message).toBe(
    'rel/appups/x.appup is for version 1.5 of x, and the release has 2, so nothing of it was used.',
  );
});

it('file-not-shipped warns of start scripts that the node will not get', () => {
  const startScripts: FileDiff[] = [
    { kind: 'changed', path: 'bin/dummy' },
    { kind: 'removed', path: 'bin/gone' },
  ];
  expect(codes(fileNotShipped(release({ startScripts })))).toEqual(['warning file-not-shipped']);
  expect(fileNotShipped(release({ startScripts: startScripts.slice(1) }))).toEqual([]);
  const relx = {
    name: 'dummy',
    version: '0.2',
    tree: { files: [{ path: 'bin/install_upgrade.escript' }] },
  } as unknown as ReleaseDiff['next'];
  const ofRelx: FileDiff[] = [...startScripts, { kind: 'added', path: 'bin/dummy-0.2' }];
  expect(fileNotShipped(release({ startScripts: ofRelx, next: relx }))).toEqual([]);
});

it('file-in-the-way names the folder, the base and the files', () => {
  expect(filesInTheWay({ base: 'prod', folder: 'lib/x-2', paths: ['lib/x-2/ebin/a.beam'] }).message).toBe(
    'the previous release in prod holds lib/x-2/ebin/a.beam with other content than the package, and unpacking would keep them: lib/x-2 is not of that release, so it is what an earlier try has left.',
  );
});

it('findings that block come as one error that lists all of them, errors first', () => {
  const finding = (code: Diagnostic['code'], severity: Diagnostic['severity']): Diagnostic => ({
    code,
    severity,
    application: 'x',
    message: `${code} was found.`,
    fix: 'Mend it.',
  });
  const warning = finding('stale-appup', 'warning');
  expect(() => throwIfBlocked('No upgrade', [warning])).not.toThrow();
  const block = () =>
    throwIfBlocked('No upgrade', [
      warning,
      finding('stripped-beams', 'error'),
      finding('base-differs', 'error'),
    ]);
  expect(block).toThrow(BlockedUpgradeError);
  expect(block).toThrow(
    'No upgrade: 2 findings are in the way.\n' +
      'error stripped-beams (x): stripped-beams was found.\n  Fix: Mend it.\n' +
      'error base-differs (x): base-differs was found.\n  Fix: Mend it.\n' +
      'warning stale-appup (x): stale-appup was found.\n  Fix: Mend it.\n' +
      'Each rule has a page: docs/rules/CODE.md.',
  );
  expect(formatDiagnostic({ ...warning, module: 'm' })).toBe(
    'warning stale-appup (m): stale-appup was found.\n  Fix: Mend it.',
  );
});
