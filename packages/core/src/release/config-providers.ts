import { atomName, listElements, tupleOf, type Term } from '../erlang';
import { readSysConfig } from './configuration';
import type { Release } from './model';

/**
 * The modules of the config providers that Elixir runs whenever a node of the release boots (`Config.Provider`), in their
 * order; `Elixir.Config.Reader` is the one that reads `config/runtime.exs`. mix writes them into `sys.config`.
 * @throws OtpError `sys-config`
 */
export async function readConfigProviders(release: Release): Promise<string[]> {
  if (!release.applications.some(({ name }) => name === 'elixir')) return [];
  const config = await readSysConfig(release.tree, release.configuration);
  const elixir = config && valueOf(config, 'elixir');
  const provider = elixir && valueOf(elixir, 'config_provider_init');
  if (provider?.kind !== 'map') return [];
  const providers = provider.entries.find(([key]) => atomName(key) === 'providers')?.[1];
  return [...((providers && listElements(providers)) ?? [])].flatMap((one) => {
    const module = tupleOf(one, undefined, 2)?.elements[0];
    const name = module && atomName(module);
    return name === undefined ? [] : [name];
  });
}

function valueOf(list: Term, key: string): Term | undefined {
  for (const element of listElements(list) ?? []) {
    const value = tupleOf(element, key, 2)?.elements[1];
    if (value !== undefined) return value;
  }
  return undefined;
}
