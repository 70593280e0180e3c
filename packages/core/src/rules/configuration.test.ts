import { expect, it } from 'vitest';
import { callbackModule, pairOf, type LiteralPair } from '../../test/releases/literal-upgrade';
import { added, changed } from '../../test/releases/literal-facts';
import type { ReleaseDiff } from '../diff';
import type { Release } from '../release';
import { configChangeMissing } from './config-change-missing';
import { configChanged } from './config-changed';
import { configProviderChanged } from './config-provider-changed';
import { emulatorsDiffer } from './emulators-differ';
import { ertsDiffers } from './erts-differs';
import { privChanged } from './priv-changed';
import { sysConfigMissing } from './sys-config-missing';
import { sysConfigPlaceholders } from './sys-config-placeholders';

const find = (pair: LiteralPair): string[] =>
  [ertsDiffers, sysConfigMissing, configChanged, configChangeMissing, privChanged]
    .flatMap((rule) => rule(pairOf(pair)))
    .map(({ severity, code, message }) => `${severity} ${code}: ${message}`);

function release(version: string, sysConfig: Release['configuration']['sysConfig']): Release {
  const fields = {
    version,
    versionPath: `releases/${version}`,
    applications: [],
    tree: { files: [{ path: 'bin/install_upgrade.escript' }] },
    configuration: { sysConfig },
  };
  return fields as unknown as Release;
}

it('erts-differs says that nothing lives on', () => {
  expect(find({ difference: { erts: { previous: '13.1', next: '13.2' } } })).toEqual([
    'warning erts-differs: the releases have the emulators erts 13.1 and erts 13.2, so the upgrade restarts the emulator in both directions: no process lives on.',
  ]);
});

it('sys-config-missing finds a release that would lose its environment', () => {
  const present = { kind: 'present', path: 'releases/0.1/sys.config' } as const;
  const template = { kind: 'template', path: 'releases/0.2/sys.config.src' } as const;
  const of = (previous: Parameters<typeof release>[1], next: Parameters<typeof release>[1]): string[] =>
    find({ difference: { previous: release('0.1', previous), next: release('0.2', next) } });
  expect(of(present, { kind: 'absent' })[0]).toMatch(
    /^error sys-config-missing: release 0\.2 has no sys\.config, and 0\.1 has one: /,
  );
  expect(of(template, template)[0]).toContain(
    'has releases/0.2/sys.config.src, which its start script fills in when',
  );
  expect(of(present, present)).toEqual([]);
  expect(of({ kind: 'absent' }, { kind: 'absent' })).toEqual([]);
});

it('sys-config-placeholders names what release_handler would take for values', () => {
  const found = sysConfigPlaceholders(
    pairOf({
      difference: { placeholders: ['${HOST}', '${PORT:-80}'], next: release('0.2', { kind: 'absent' }) },
    }),
  );
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'warning: sys.config of release 0.2 has ${HOST} and ${PORT:-80} in it, which its start script fills in when the node boots with RELX_REPLACE_OS_VARS: release_handler installs it as it is.',
  ]);
  expect(sysConfigPlaceholders(pairOf({}))).toEqual([]);
});

it('config-changed tells when what counts', () => {
  const files = (...paths: string[]): LiteralPair => ({
    difference: { configuration: paths.map((path) => ({ kind: 'changed', path })) },
  });
  expect(find(files('sys.config', 'vm.args'))).toEqual([
    'info config-changed: sys.config and vm.args changed: the environment of all running applications is replaced by that of sys.config, and what was set with application:set_env is lost; vm.args counts at the next boot only.',
  ]);
  expect(find(files())).toEqual([]);
});

it('config-changed knows that config providers are run by the upgrade', () => {
  const runtime: LiteralPair = {
    difference: {
      configuration: [{ kind: 'changed', path: 'runtime.exs' }],
      configProviders: { previous: [], next: ['Elixir.Config.Reader'] },
    },
  };
  expect(find(runtime)).toEqual([
    'info config-changed: runtime.exs changed: the environment of all running applications is replaced by that of sys.config and the config providers, and what was set with application:set_env is lost.',
  ]);
});

it('config-provider-changed compares the code that runs with the code that was meant', () => {
  const provider = { ...callbackModule, exports: ['init/1', 'load/2'] };
  const named = (configProviders: ReleaseDiff['configProviders']): Partial<ReleaseDiff> => ({
    configProviders,
  });
  const both = { previous: ['p', 'Elixir.Config.Reader'], next: ['p', 'Elixir.Config.Reader'] };
  const onlyNext = { previous: [], next: ['p'] };
  const found = (pair: LiteralPair): string[] =>
    configProviderChanged(pairOf(pair)).map(
      ({ severity, module, message }) => `${severity} ${module}: ${message}`,
    );
  expect(found({ difference: named(both), unchanged: { p: provider } })).toEqual([]);
  expect(found({ difference: named(both), modules: [changed('p', { md5: '1' }, { md5: '2' })] })).toEqual([
    'warning p: on the way up to 0.2 its config provider p runs before anything is loaded, by the code of the release that is left, which is different.',
    'warning p: on the way down to 0.1 its config provider p runs before anything is loaded, by the code of the release that is left, which is different.',
  ]);
  expect(found({ difference: named(onlyNext), modules: [added('p')] })).toEqual([
    'error p: on the way up to 0.2 its config provider p runs before anything is loaded, and the release that is left has no such module: install_release refuses.',
  ]);
});

it('config-change-missing finds an environment that changed and a callback module that does not listen', () => {
  const pair = (exports: readonly string[]): LiteralPair => ({
    mod: 'x_app',
    resource: { env: ['limit'] },
    unchanged: { x_app: { ...callbackModule, exports } },
  });
  expect(find(pair(['start/2']))).toEqual([
    'info config-change-missing: limit in the environment of x changed, and x_app exports no config_change/3: processes that have read the old values keep them.',
  ]);
  expect(find(pair(['config_change/3']))).toEqual([]);
});

it('priv-changed speaks where nothing else of the application changed', () => {
  const files = [{ kind: 'changed', path: 'priv/mail.html' }] as const;
  expect(find({ files })[0]).toMatch(/^info priv-changed: priv\/mail\.html of x changed and no module did: /);
  expect(find({ files, modules: [changed('m')] })).toEqual([]);
  expect(find({ files: [{ kind: 'changed', path: 'priv/codec.so' }] })).toEqual([]);
});

it('architecture-differs and otp-differs compare what both emulators say', () => {
  const emulators = {
    base: 'prod',
    otp: { previous: '25', next: '26' },
    architecture: { previous: 'x', next: 'y' },
  };
  expect(emulatorsDiffer(emulators).map(({ severity, code }) => `${severity} ${code}`)).toEqual([
    'error architecture-differs',
    'warning otp-differs',
  ]);
  const unknown = { previous: undefined, next: '26' };
  expect(emulatorsDiffer({ base: 'prod', otp: unknown, architecture: unknown })).toEqual([]);
  expect(emulatorsDiffer({ ...emulators, otp: { previous: '25', next: '25' } })).toHaveLength(1);
});
