import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { listed } from './section';

/** `application_controller:config_change/1` calls `Mod:config_change/3` of running applications whose environment changed. */
export function configChangeMissing({ difference, modules }: ReleasePair): Diagnostic[] {
  return difference.kept.flatMap(({ name, next, resource }): Diagnostic[] => {
    const callback = next.resource.mod?.module;
    const facts = callback === undefined ? undefined : modules.next.get(callback)?.facts;
    if (resource.env === undefined || callback === undefined || facts === undefined) return [];
    if (facts.exports.has('config_change/3')) return [];
    return [
      {
        code: 'config-change-missing',
        severity: 'info',
        application: name,
        module: callback,
        message: `${listed(resource.env)} in the environment of ${name} changed, and ${callback} exports no config_change/3: processes that have read the old values keep them.`,
        fix: `Export config_change(Changed, New, Removed) from ${callback}, or see that nobody keeps the values.`,
      },
    ];
  });
}
