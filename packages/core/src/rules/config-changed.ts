import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { listed } from './section';

/** What the config providers of Elixir read, and the upgrade runs them. */
const readByProviders = 'runtime.exs';

export function configChanged({ difference }: ReleasePair): Diagnostic[] {
  const changed = difference.configuration.filter(({ kind }) => kind !== 'removed').map(({ path }) => path);
  if (changed.length === 0) return [];
  const hasProviders = difference.configProviders.next.length > 0;
  const counts = (path: string): boolean =>
    path === 'sys.config' || (hasProviders && path === readByProviders);
  const later = changed.filter((path) => !counts(path));
  const isNew = later.length < changed.length;
  const source = hasProviders ? 'sys.config and the config providers' : 'sys.config';
  const parts = [
    ...(isNew
      ? [
          `the environment of all running applications is replaced by that of ${source}, and what was set with application:set_env is lost`,
        ]
      : []),
    ...(later.length > 0 ? [`${listed(later)} counts at the next boot only`] : []),
  ];
  return [
    {
      code: 'config-changed',
      severity: 'info',
      message: `${listed(changed)} changed: ${parts.join('; ')}.`,
      fix: isNew
        ? 'Let each application take new values over in config_change/3, which is called after the upgrade.'
        : 'Restart the node where it must count.',
    },
  ];
}
