import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OtpError, readTerms } from '@nx-otp/core';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, it } from 'vitest';
import application from '../application/generator';
import release from './generator';
import type { ReleaseGeneratorOptions } from './schema';

const appSrc = (name: string, needs = 'kernel, stdlib'): string =>
  `{application, ${name}, [{vsn, "0.1.0"}, {applications, [${needs}]}]}.\n`;

function treeWith(files: Record<string, string>): Tree {
  const tree = createTreeWithEmptyWorkspace();
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return tree;
}

const text = (tree: Tree, file: string): string => tree.read(file, 'utf8') ?? '';

/** The message, after it was seen that nothing was written. */
async function refused(tree: Tree, options: ReleaseGeneratorOptions): Promise<string> {
  const before = tree.listChanges().map(({ path, content }) => [path, String(content)]);
  try {
    await release(tree, options);
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    expect(tree.listChanges().map(({ path, content }) => [path, String(content)])).toEqual(before);
    return error.message;
  }
  throw new Error('it was not refused');
}

describe('a release by reltool', () => {
  it('starts all applications of the project, and what they need of OTP', async () => {
    const tree = treeWith({
      'shop/apps/till/src/till.app.src': appSrc('till', 'kernel, stdlib, stock, ssl'),
      'shop/lib/stock/src/stock.app.src': appSrc('stock'),
    });
    await release(tree, { name: 'shop' });
    const config = text(tree, 'shop/rel/reltool.config');
    expect(config).toContain('    {lib_dirs, ["../apps", "../lib"]},\n');
    expect(config).toContain(
      '    {rel, "shop", "0.1.0", [kernel, stdlib, sasl, crypto, asn1, public_key, ssl, stock, till]},\n',
    );
    expect(config).toContain('    {app, asn1, [{incl_cond, include}]},\n');
    expect(readTerms(config, 'reltool.config').terms).toHaveLength(2);
    expect(text(tree, 'shop/rel/files/vm.args')).toContain('-sname shop\n-setcookie shop_cookie\n');
    expect(text(tree, 'shop/rel/files/sys.config')).toBe(
      '[\n    {kernel, [{logger_level, notice}]},\n    {stock, []},\n    {till, []}\n].\n',
    );
    expect(tree.exists('shop/project.json')).toBe(false);
  });

  it('has the start script of the example, which can be run', async () => {
    const tree = treeWith({ 'src/dummy.app.src': appSrc('dummy') });
    await release(tree, { name: 'dummy' });
    const example = join(__dirname, '../../../../../e2e/dummy/rel/files/dummy');
    expect(text(tree, 'rel/files/dummy')).toBe(readFileSync(example, 'utf8'));
    const [script] = tree.listChanges().filter(({ path }) => path === 'rel/files/dummy');
    expect(script?.options?.mode).toBe(0o755);
  });

  it('of an application at the root is called like itself, whatever the checkout is called', async () => {
    const tree = treeWith({ 'src/dummy.app.src': appSrc('dummy') });
    await release(tree, { name: 'dummy', tool: 'reltool', releaseVersion: '2024.1' });
    expect(text(tree, 'rel/reltool.config')).toContain(
      '{app, dummy, [{incl_cond, include}, {lib_dir, ".."}]}',
    );
    expect(text(tree, 'rel/reltool.config')).not.toContain('lib_dirs');
    expect(text(tree, 'rel/reltool.config')).toContain('{rel, "dummy", "2024.1", [kernel');
    expect(JSON.parse(text(tree, 'project.json'))).toMatchObject({ name: 'dummy' });
  });

  it('breaks long lists as erlfmt does', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `application_${at}`);
    const tree = treeWith(
      Object.fromEntries(names.map((name) => [`apps/${name}/src/${name}.app.src`, appSrc(name)])),
    );
    await release(tree, { name: 'many' });
    expect(text(tree, 'rel/reltool.config')).toContain(
      '    {rel, "many", "0.1.0", [\n        kernel,\n        stdlib,\n        sasl,\n        application_0,\n',
    );
  });

  it('takes the chosen applications, with those of the project that they need', async () => {
    const tree = treeWith({
      'apps/a/src/a.app.src': appSrc('a', 'kernel, b'),
      'apps/b/src/b.app.src': appSrc('b'),
      'apps/c/src/c.app.src': appSrc('c'),
    });
    await release(tree, { name: 'some', applications: ['a'] });
    expect(text(tree, 'rel/reltool.config')).toContain('[kernel, stdlib, sasl, a, b]}');
    expect(
      await refused(treeWith({ 'src/a.app.src': appSrc('a') }), { name: 'x', applications: ['a', 'd'] }),
    ).toBe('.: there is no application d. There are: a. What they need comes by itself.');
  });

  it('takes applications from elsewhere in the workspace when they are named or needed', async () => {
    const tree = treeWith({
      'apps/cart/src/cart.app.src': appSrc('cart', 'kernel, stdlib, money'),
      'libs/money-2/src/money.app.src': appSrc('money'),
      'libs/log/src/log.app.src': appSrc('log'),
      'libs/log/test/other/src/other.app.src': appSrc('other'),
    });
    expect(await refused(tree, { name: 'shop', directory: 'releases/shop' })).toMatch(
      /Name those that it shall start by --applications; elsewhere there are cart, log, money\.$/,
    );
    await release(tree, { name: 'shop', directory: 'releases/shop', applications: ['cart'] });
    const config = text(tree, 'releases/shop/rel/reltool.config');
    expect(config).toContain('    {lib_dirs, ["../../../apps"]},\n');
    expect(config).toContain('[kernel, stdlib, sasl, cart, money]}');
    expect(config).toContain('    {app, cart, [{incl_cond, include}]},\n');
    expect(config).toContain(
      '    {app, money, [{incl_cond, include}, {lib_dir, "../../../libs/money-2"}]}\n',
    );
  });

  it('overwrites nothing', async () => {
    const tree = treeWith({ 'src/a.app.src': appSrc('a'), 'rel/files/vm.args': '-sname mine\n' });
    expect(await refused(tree, { name: 'a' })).toMatch(
      /^this file is there already, and nothing was written: rel\/files\/vm\.args\./,
    );
    tree.write('rel/reltool.config', '');
    expect(await refused(tree, { name: 'a' })).toBe(
      'rel/reltool.config: the project has a release already. Give the new one a project of its own: --directory=releases/a.',
    );
  });
});

describe('a release by rebar3', () => {
  const apps = { 'apps/a/src/a.app.src': appSrc('a'), 'apps/b/src/b.app.src': appSrc('b') };

  it('keeps every byte of a rebar.config without relx', async () => {
    const before = '%% of ours\n{erl_opts, [debug_info]}. % stays\n{deps,\n  []}.\n';
    const tree = treeWith({ ...apps, 'rebar.config': before, 'config/vm.args': '-sname mine\n' });
    await release(tree, { name: 'both' });
    expect(text(tree, 'rebar.config')).toBe(`${before}
{relx, [
    {release, {both, "0.1.0"}, [a, b, sasl]},
    %% With the emulator, and without links into the build.
    {mode, prod},
    {sys_config, "./config/sys.config"},
    {vm_args, "./config/vm.args"}
]}.
`);
    expect(text(tree, 'config/vm.args')).toBe('-sname mine\n');
    expect(text(tree, 'config/sys.config')).toBe('[\n    {a, []},\n    {b, []}\n].\n');
  });

  it('stands beside another release', async () => {
    const before = '{relx, [{release, {a, "0.1.0"},\n         [a]},\n        {mode, dev}]}. %% größer\n';
    const tree = treeWith({ ...apps, 'rebar.config': before });
    await release(tree, { name: 'other', applications: ['b'] });
    expect(text(tree, 'rebar.config')).toBe(
      '{relx, [{release, {other, "0.1.0"}, [b, sasl]},\n        {release, {a, "0.1.0"},\n         [a]},\n        {mode, dev}]}. %% größer\n',
    );
    expect(tree.exists('config/vm.args')).toBe(false);
    expect(await refused(tree, { name: 'a' })).toBe(
      'rebar.config:2:9: there is a release a already. Give the new one another name, or edit that one.',
    );
  });

  it.each([
    [
      { 'rebar.config': '{relx, []}.' },
      /^rebar\.config:1:1: relx is not a list of terms\. Nothing was changed\./,
    ],
    [{ 'rebar.config': '{relx, [' }, /^rebar\.config:1:\d+: /],
    [
      { 'rebar.config': '', 'rebar.config.script': 'CONFIG.' },
      /^rebar\.config\.script: it describes .* Add to relx in rebar\.config or here: \{release, \{x, "0\.1\.0"\}, \[a, b, sasl\]\}$/,
    ],
    [{ 'rebar.config': '', 'relx.config': '' }, /^relx\.config: .* Add to it: \{release,/],
  ])('is refused where only a person can edit: %j', async (files, said) => {
    expect(await refused(treeWith({ ...apps, ...files }), { name: 'x' })).toMatch(said);
  });
});

describe('a release by mix', () => {
  const mixExs = (project: string): string =>
    `defmodule A.MixProject do\n  use Mix.Project\n\n  def project do\n${project}\n  end\nend\n`;
  const list = (last: string): string => mixExs(`    [\n      app: :a,\n      ${last}\n    ]`);
  const added = `
      releases: [
        a: [
          applications: [
            sasl: :permanent,
            a: :permanent
          ]
        ]
      ]`;

  it.each([
    ['deps: deps()', `deps: deps(),${added}`],
    ['deps: [{:b, path: "]"}] # ]', undefined],
    ['deps: [],', `deps: [],${added}`],
  ])('is the last entry of a project that ends in %s', async (last, after) => {
    const tree = treeWith({ 'mix.exs': list(last) });
    if (after === undefined) {
      expect(await refused(tree, { name: 'a' })).toContain('def project is not a list as mix new writes it');
      return;
    }
    await release(tree, { name: 'a' });
    expect(text(tree, 'mix.exs')).toBe(list(after));
  });

  it('of an umbrella starts its applications', async () => {
    const tree = treeWith({ 'u/mix.exs': mixExs('    [\n      apps_path: "apps",\n      deps: []\n    ]') });
    application(tree, { directory: 'u/apps/one' });
    application(tree, { directory: 'u/apps/two' });
    await release(tree, { name: 'u' });
    expect(text(tree, 'u/mix.exs')).toContain(
      'sasl: :permanent,\n            one: :permanent,\n            two: :permanent\n',
    );
  });

  it.each([
    [
      'one line',
      mixExs('    [app: :a, version: "1"]'),
      /^mix\.exs: def project is not a list as mix new writes it/,
    ],
    ['a function', mixExs('    [\n      app: :a\n    ] ++ more()'), /^mix\.exs: def project is not a list/],
    ['releases', list('releases: [b: []]'), /^mix\.exs: it has releases: already, and nothing was changed\./],
    ['this release', list('releases: [\n        a: []\n      ]'), /^mix\.exs: there is a release a already/],
  ])('says what to write where the file has %s', async (_, before, said) => {
    expect(await refused(treeWith({ 'mix.exs': before }), { name: 'a' })).toMatch(said);
  });

  it('prints the lines that are missing', async () => {
    expect(await refused(treeWith({ 'mix.exs': mixExs('    [app: :a]') }), { name: 'a' })).toBe(
      `mix.exs: def project is not a list as mix new writes it, and nothing was changed. Write into it, in def project:

  releases: [
    a: [
      applications: [
        sasl: :permanent,
        a: :permanent
      ]
    ]
  ]
`,
    );
  });
});

describe('a release', () => {
  it.each([
    [{ name: 'My Shop' }, /^"My Shop" cannot be the name of a release\..* such as my_shop\.$/],
    [{ name: 'a', releaseVersion: '1/2' }, /^"1\/2" cannot be the version of a release\./],
    [{ name: 'a', directory: '../b' }, /^\.\.\/b lies outside of the workspace\./],
    [{ name: 'a' }, /^\.: there is no application to release\..* nx g nx-otp:application apps\/NAME/],
    [{ name: 'a', tool: 'mix' as const }, /^\.: there is no mix\.exs to write the release into\./],
  ])('is refused with a sentence: %j', async (options, said) => {
    expect(await refused(treeWith({}), options)).toMatch(said);
  });
});
