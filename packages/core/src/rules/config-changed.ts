import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { listed } from './section';

export function configChanged({ difference }: ReleasePair): Diagnostic[] {
  const changed = difference.configuration.filter(({ kind }) => kind !== 'removed').map(({ path }) => path);
  if (changed.length === 0) return [];
  const hasSysConfig = changed.includes('sys.config');
  const others = changed.filter((path) => path !== 'sys.config');
  const parts = [
    ...(hasSysConfig
      ? [
          'release_handler replaces the environment of all running applications by that of sys.config, and what was set with application:set_env is lost',
        ]
      : []),
    ...(others.length > 0 ? [`${listed(others)} counts at the next boot only`] : []),
  ];
  return [
    {
      code: 'config-changed',
      severity: 'info',
      message: `${listed(changed)} changed: ${parts.join('; ')}.`,
      fix: hasSysConfig
        ? 'Let each application take new values over in config_change/3, which is called after the upgrade.'
        : 'Restart the node where it must count.',
    },
  ];
}
