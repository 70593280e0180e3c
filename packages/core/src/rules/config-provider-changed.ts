import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';

/**
 * Before anything is loaded, the upgrade runs the config providers of the release that is entered (`providerScripts`): by
 * the code of the release that is left.
 */
export function configProviderChanged({ difference, modules }: ReleasePair): Diagnostic[] {
  const { previous, next, configProviders } = difference;
  const ways = [
    {
      way: 'up',
      entered: next,
      providers: configProviders.next,
      there: modules.next,
      left: modules.previous,
    },
    {
      way: 'down',
      entered: previous,
      providers: configProviders.previous,
      there: modules.previous,
      left: modules.next,
    },
  ];
  return ways.flatMap(({ way, entered, providers, there, left }) =>
    [...new Set(providers)].flatMap((module): Diagnostic[] => {
      const found = differenceIn(module, there, left);
      if (found === undefined) return [];
      const { version } = entered;
      return [
        found === 'missing'
          ? {
              code: 'config-provider-changed',
              severity: 'error',
              module,
              message: `on the way ${way} to ${version} its config provider ${module} runs before anything is loaded, and the release that is left has no such module: install_release refuses.`,
              fix: 'Bring the module in a release of its own, and name it in config_providers in the next one.',
            }
          : {
              code: 'config-provider-changed',
              severity: 'warning',
              module,
              message: `on the way ${way} to ${version} its config provider ${module} runs before anything is loaded, by the code of the release that is left, which is different.`,
              fix: `See that load/2 of both releases makes the same of what config_providers gives it in ${version}.`,
            },
      ];
    }),
  );
}

function differenceIn(
  module: string,
  there: ModuleIndex,
  left: ModuleIndex,
): 'missing' | 'changed' | undefined {
  const [inEntered, inLeft] = [there.get(module), left.get(module)];
  // Those of Elixir itself, which both have.
  if (inEntered === undefined) return undefined;
  if (inLeft === undefined) return 'missing';
  return inEntered.facts.md5 === inLeft.facts.md5 ? undefined : 'changed';
}
