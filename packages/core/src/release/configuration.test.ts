import { describe, expect, it } from 'vitest';
import { literalTree } from '../../test/releases/literal-tree';
import { printTerm } from '../erlang';
import type { Release } from './model';
import { readConfigProviders } from './config-providers';
import { readPlaceholders } from './placeholders';
import { readSysConfig, releaseConfiguration } from './configuration';

const treeOf = (files: Record<string, string>) => literalTree('/srv/dummy', files);

describe('releaseConfiguration', () => {
  it('names what lies in the folder of the version, and nothing of other versions', () => {
    const tree = treeOf({
      'releases/0.1/vm.args': '',
      'releases/0.2/consolidated/Elixir.Enumerable.beam': '',
      'releases/0.2/dummy.boot': '',
      'releases/0.2/start.boot': '',
      'releases/0.2/sys.config': '[].',
      'releases/0.2/vm.args': '',
    });
    expect(releaseConfiguration(tree, 'releases/0.2')).toEqual({
      bootFiles: ['releases/0.2/dummy.boot', 'releases/0.2/start.boot'],
      sysConfig: { kind: 'present', path: 'releases/0.2/sys.config' },
      vmArgs: 'releases/0.2/vm.args',
      consolidatedProtocols: ['releases/0.2/consolidated/Elixir.Enumerable.beam'],
    });
  });

  it('tells a template that is filled in at boot from a configuration', () => {
    expect(releaseConfiguration(treeOf({ 'releases/1/sys.config.src': '' }), 'releases/1').sysConfig).toEqual(
      {
        kind: 'template',
        path: 'releases/1/sys.config.src',
      },
    );
    expect(releaseConfiguration(treeOf({}), 'releases/1').sysConfig).toEqual({ kind: 'absent' });
  });
});

describe('readSysConfig', () => {
  const read = async (text: string) => {
    const tree = treeOf({ 'releases/1/sys.config': text });
    const term = await readSysConfig(tree, releaseConfiguration(tree, 'releases/1'));
    return term && printTerm(term);
  };

  it('reads its one term', async () => {
    expect(await read('[{dummy, [{port, 80}]}, "other"].')).toBe('[{dummy, [{port, 80}]}, "other"]');
  });

  it('refuses several terms and none, as release_handler does', async () => {
    await expect(read('[]. [].')).rejects.toMatchObject({
      code: 'sys-config',
      file: '/srv/dummy/releases/1/sys.config',
    });
    await expect(read('')).rejects.toMatchObject({ code: 'sys-config' });
  });

  it('is undefined where there is only a template', async () => {
    const tree = treeOf({ 'releases/1/sys.config.src': '[{dummy, [{port, ${PORT}}]}].' });
    expect(await readSysConfig(tree, releaseConfiguration(tree, 'releases/1'))).toBeUndefined();
  });
});

it('readConfigProviders finds what mix wrote into sys.config for Elixir', async () => {
  const release = (application: string, sysConfig: string): Release => {
    const tree = treeOf({ 'releases/1/sys.config': sysConfig });
    return {
      tree,
      applications: [{ name: application }],
      configuration: releaseConfiguration(tree, 'releases/1'),
    } as unknown as Release;
  };
  const written = `[{shop,[]},{elixir,[{config_provider_init,#{
    '__struct__' => 'Elixir.Config.Provider', extra_config => [],
    providers => [{'Elixir.Config.Reader',{{system,<<"RELEASE_ROOT">>,<<"/releases/1/runtime.exs">>},[]}},{'Elixir.Vault',{a,1}}]
  }}]}].`;
  expect(await readConfigProviders(release('elixir', written))).toEqual([
    'Elixir.Config.Reader',
    'Elixir.Vault',
  ]);
  for (const none of ['[].', '[{elixir,[]}].', '[{elixir,[{config_provider_init,none}]},"other.config"].']) {
    expect(await readConfigProviders(release('elixir', none))).toEqual([]);
  }
  expect(await readConfigProviders(release('kernel', 'no Erlang term'))).toEqual([]);
});

it('readPlaceholders finds what the start script of relx would fill in, and nothing in comments or other layouts', async () => {
  const release = (files: Record<string, string>): Release => {
    const tree = treeOf({
      'releases/1/sys.config': '%% ${NONE}\n[{a, [{b, "${HOST}"}, {c, ${PORT:-80}}, {d, "${HOST}$x{y}"}]}].',
      ...files,
    });
    return {
      tree,
      versionPath: 'releases/1',
      configuration: releaseConfiguration(tree, 'releases/1'),
    } as unknown as Release;
  };
  expect(await readPlaceholders(release({ 'bin/install_upgrade.escript': '' }))).toEqual([
    '${HOST}',
    '${PORT:-80}',
  ]);
  expect(await readPlaceholders(release({}))).toEqual([]);
});
