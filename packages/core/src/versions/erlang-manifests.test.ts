import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OtpError } from '../error';
import { appSrcManifest, rebarManifest, reltoolManifest, relxManifest } from './erlang-manifests';
import type { Manifest, VersionRequirement, WrittenVersion } from './manifest';

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** What a manifest states, in short: `release shop 0.1`, `release shop = git`. */
function stated({ versions }: Manifest): string[] {
  return versions.map((version) =>
    version.kind === 'written'
      ? `${version.of} ${version.name} ${version.version}`
      : `${version.of} ${version.name} = ${version.by}`,
  );
}

function required({ requirements }: Manifest): string[] {
  return requirements.map(({ application, requirement }) => `${application} ${requirement}`);
}

/** The text with the first version replaced. */
function withFirst(manifest: Manifest, version: string): Buffer {
  const [first] = manifest.versions;
  if (first?.kind !== 'written') throw new Error('there is no written version');
  return manifest.replace(new Map([[first, version]]));
}

describe('an .app.src', () => {
  it('keeps all but the version', () => {
    const text = `%% -*- erlang -*-
{application, 'my-app', % {vsn, "9"}
 [{description, "not {vsn, \\"8\\"}"},
  %% {vsn, "7"},
  { vsn ,\t"0.1" } , % from 2011
  {'vsn', "6"},
  {env, [{vsn, "5"}]}]}.
`;
    const manifest = appSrcManifest(utf8(text), 'src/my-app.app.src');
    expect(stated(manifest)).toEqual(['application my-app 0.1']);
    expect(manifest.versions[0]?.position).toEqual({ line: 5, column: 11 });
    expect(withFirst(manifest, '0.1.1').toString()).toBe(text.replace('"0.1"', '"0.1.1"'));
  });

  it('keeps its line ends and its encoding', () => {
    const windows = '{application,a,\r\n[{vsn,\r\n"1"}]}.\r\n';
    expect(withFirst(appSrcManifest(utf8(windows), 'a'), 'R2').toString()).toBe(
      windows.replace('"1"', '"R2"'),
    );
    const latin = Buffer.from(
      '%% coding: latin-1\n{application,a,[{description,"\xe9"},{vsn,"1"}]}. % \xfc',
      'latin1',
    );
    expect(withFirst(appSrcManifest(latin, 'a'), '2')).toEqual(
      Buffer.from(latin.toString('latin1').replace('"1"', '"2"'), 'latin1'),
    );
    const accents = '{application,\'\u{e9}\u{1f600}\',[{vsn,"1"}]}. % \u{e9}\u{1f600}';
    expect(withFirst(appSrcManifest(utf8(accents), 'a'), '2').toString()).toBe(accents.replace('"1"', '"2"'));
  });

  it.each([
    ['git', 'git'],
    ['{cmd, "git describe"}', '{cmd, "git describe"}'],
    ['{file, "VERSION"}', '{file, "VERSION"}'],
    ['semver', 'semver'],
    ['"git"', '"git"'],
    ['"%VSN%"', '"%VSN%"'],
    ['"{{vsn}}"', '"{{vsn}}"'],
    ['""', '[]'],
  ])('says that {vsn, %s} is computed', (version, by) => {
    const manifest = appSrcManifest(utf8(`{application, a, [{vsn, ${version}}]}.`), 'a');
    expect(stated(manifest)).toEqual([`application a = ${by}`]);
  });

  it('without a version states none', () => {
    expect(stated(appSrcManifest(utf8('{application, a, []}.'), 'a'))).toEqual([]);
    expect(stated(appSrcManifest(utf8('{vsn, "1"}.'), 'a'))).toEqual([]);
    expect(stated(appSrcManifest(utf8(''), 'a'))).toEqual([]);
  });

  it('that is broken is an error that names the place', () => {
    expect(() => appSrcManifest(utf8('{application, a,\n [{vsn "1"}]}.'), 'src/a.app.src')).toThrow(
      /^src\/a\.app\.src:2:8: /,
    );
  });

  it('takes no version that breaks it', () => {
    const manifest = appSrcManifest(utf8('{application, a, [{vsn, "1"}]}.'), 'src/a.app.src');
    for (const version of ['', '1 2', '1"', '../1', '1/2', '-1', '.1', '1\n', '%1']) {
      expect(() => withFirst(manifest, version)).toThrow(OtpError);
    }
  });

  it('is the same but for the version, whatever stands around it', () => {
    const filler = fc.constantFrom(' ', '\n', '\r\n', '\t', '% {vsn, "0"}\n', '%% "\n', '%\u{e9}\n');
    const other = fc.constantFrom(
      '{vsn_, "0"}',
      '{description, "{vsn, \\"0\\"}"}',
      '{\'v sn\', "0"}',
      '{a, [{vsn, "0"}]}',
    );
    const version = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z._+~-]{0,8}$/);
    fc.assert(
      fc.property(
        fc.array(filler),
        fc.array(other),
        fc.array(other),
        version,
        version,
        (blank, before, after, old, next) => {
          const space = blank.join('');
          const text = (shown: string): string =>
            `${space}{${space}application,${space}a,${space}[${[...before, `{${space}vsn,${space}"${shown}"${space}}`, ...after].join(`,${space}`)}]}${space}.\n${space}`;
          const manifest = appSrcManifest(utf8(text(old)), 'a');
          expect(stated(manifest)).toEqual([`application a ${old}`]);
          expect(withFirst(manifest, old).toString()).toBe(text(old));
          expect(withFirst(manifest, next).toString()).toBe(text(next));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a reltool.config', () => {
  const text = `%% {rel, "shop", "0", []}
{sys, [
    {lib_dirs, ["../apps"]},
    {rel, "start_clean", "1", [kernel, stdlib]},
    {rel, "shop", "0.1", [kernel, stdlib, sasl, shop]}, % the shop
    {rel, "shop", "0.1", [kernel]},
    {boot_rel, "shop"},
    {app, shop, [{incl_cond, include}, {vsn, "0.7"}]},
    {app, stdlib, [{incl_cond, include}]}
]}.
{overlay, [{create, "a", "{rel, \\"shop\\", \\"3\\", []}"}]}.
`;

  it('states the version of what boots, and which applications it wants', () => {
    const manifest = reltoolManifest(utf8(text), 'rel/reltool.config');
    expect(stated(manifest)).toEqual(['release shop 0.1', 'release shop 0.1']);
    expect(required(manifest)).toEqual(['shop 0.7']);
    const edits = new Map<WrittenVersion | VersionRequirement, string>([
      ...manifest.versions.flatMap((each) => (each.kind === 'written' ? [[each, '0.2'] as const] : [])),
      ...manifest.requirements.map((each) => [each, '0.8'] as const),
    ]);
    expect(manifest.replace(edits).toString()).toBe(
      text.replaceAll('"0.1"', '"0.2"').replace('"0.7"', '"0.8"'),
    );
  });

  it('without a release to boot states none', () => {
    expect(stated(reltoolManifest(utf8('{sys, [{rel, "a", "1", []}]}.'), 'r'))).toEqual([]);
    expect(stated(reltoolManifest(utf8('{sys, []}.'), 'r'))).toEqual([]);
    expect(stated(reltoolManifest(utf8('{sys, "rel"}. {rel, "a", "1"}.'), 'r'))).toEqual([]);
  });
});

describe('a rebar.config', () => {
  it('states the versions of its releases, the default one first', () => {
    const text = `{deps, [{shop, "1"}]}.
{relx, [{release, {a, "1"}, [{a, "3"}, b, {c, "4", load}, {d, load}]}, % {release, {a, "2"}, []}
        {release, { 'b-c' , "2" }, [b], [{dev_mode, false}]},
        {release, {d, {semver, ""}}, []}, {release, {e, git}, []}, {release, {f, {file, "VSN"}}, []},
        {release, {g, "5", {extend, a}}, []},
        {default_release, 'b-c'}]}.
{profiles, [{prod, [{relx, [{release, {a, "1"}, []}, {mode, prod}]}]}, {test, []}]}.
`;
    const manifest = rebarManifest(utf8(text), 'rebar.config');
    expect(stated(manifest)).toEqual([
      'release b-c 2',
      'release a 1',
      'release d = {semver, []}',
      'release e = git',
      'release f = {file, "VSN"}',
      'release g 5',
      'release a 1',
    ]);
    expect(required(manifest)).toEqual(['a 3', 'c 4', 'shop 1']);
    expect(withFirst(manifest, '2.1').toString()).toBe(text.replace('\'b-c\' , "2"', '\'b-c\' , "2.1"'));
  });

  it('raises the version in default_release with it', () => {
    const text = '{release, {a, "1"}, []}. {release, {a, "2"}, []}. {default_release, a, "2"}.';
    expect(stated(relxManifest(utf8(text), 'relx.config'))).toEqual([
      'release a 2',
      'release a 1',
      'release a 2',
    ]);
  });

  it('knows dependencies whose version is a string', () => {
    const text = `{deps, [cowboy, {a, "1.2.0"}, {b, "~> 1.2"}, {c, ".*", {git, "u", {tag, "1"}}},
      {d, {git, "u", {branch, "main"}}}, {e, ">= 1.0.0"}, {f, "1.*"}, {'G', "0.1", {pkg, g}}]}.
      {profiles, [{test, [{deps, [{meck, "0.9.2"}]}]}]}.`;
    expect(required(rebarManifest(utf8(text), 'rebar.config'))).toEqual([
      'a 1.2.0',
      'b ~> 1.2',
      'e >= 1.0.0',
      'G 0.1',
      'meck 0.9.2',
    ]);
  });

  it('that is empty or strange states nothing', () => {
    for (const text of [
      '',
      '{relx, x}.',
      '{relx, [{release}, {release, a}, {release, {a}}]}.',
      '{deps, [1, {}]}.',
      '[].',
    ]) {
      const manifest = rebarManifest(utf8(text), 'rebar.config');
      expect([...stated(manifest), ...required(manifest)]).toEqual([]);
    }
  });
});
