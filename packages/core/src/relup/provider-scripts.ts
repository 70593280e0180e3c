import { atom } from '../erlang';
import type { ReleaseDiff } from '../diff';
import { provide } from './provider-instructions';
import type { Direction } from './script';
import { noSurroundingScripts, type SurroundingScripts } from './surrounding-scripts';

/**
 * Elixir's config providers, such as `config/runtime.exs`: at a boot they add to what `sys.config` says, and
 * release_handler, which gives every application the environment of `sys.config` alone, knows nothing of them. Those of
 * the release that is entered are run by its script, so that nothing is missing when its code runs. What they give is in
 * place when release_handler compares the environment with the one before the upgrade: `config_change/3` is told what
 * really changed.
 *
 * @returns nothing where the release that is entered has none
 */
export function providerScripts(difference: ReleaseDiff, direction: Direction): SurroundingScripts {
  const { previous, next, kept, configProviders } = difference;
  const [left, entered, providers] =
    direction === 'up' ? [previous, next, configProviders.next] : [next, previous, configProviders.previous];
  if (providers.length === 0) return noSurroundingScripts;
  const changed = kept.find(
    (application) =>
      application.previous.version !== application.next.version &&
      // One that is not loaded on the node shows no version.
      application.previous.startType !== 'none' &&
      application.next.startType !== 'none',
  );
  const inEntered = direction === 'up' ? changed?.next : changed?.previous;
  const [before, behind] = provide({
    entered: entered.version,
    left: left.version,
    ...(inEntered !== undefined && {
      sign: { application: inEntered.name, version: inEntered.version },
    }),
  });
  const instructions = [before, atom('point_of_no_return'), behind].map((term) => ({ term }));
  return { first: [{ instructions }], last: [] };
}
