import type { ApplicationDiff, ModuleFacts, ReleaseDiff, StrippedModules } from '../diff';
import type { Diagnostic } from './diagnostic';

/**
 * `release_handler_1:get_vsn/1` reads the `vsn` attribute of the old and the new beam of each module that it loads,
 * and crashes with a badmatch where a beam has no attributes chunk.
 */
export function strippedBeams({ kept, stripped }: ReleaseDiff): Diagnostic[] {
  return [...kept.flatMap(strippedInBoth), ...stripped].map(({ application, version, modules }) => ({
    code: 'stripped-beams',
    severity: 'error',
    application,
    message: `${application} ${version} has no attributes in ${modules.join(', ')} (beam_lib:strip removes them), and release_handler can't install or leave such a module.`,
    fix: 'Build with {debug_info, keep} in reltool.config, or strip with a tool that keeps the Attr chunk, as relx and mix do.',
  }));
}

function strippedInBoth(application: ApplicationDiff): StrippedModules[] {
  const stripped = new Map<string, string[]>();
  const look = (facts: ModuleFacts, version: string): void => {
    if (!facts.hasAttributes) stripped.set(version, [...(stripped.get(version) ?? []), facts.name]);
  };
  for (const module of application.modules) {
    if (module.kind === 'added' || module.kind === 'changed') look(module.next, application.next.version);
    if (module.kind === 'removed' || module.kind === 'changed')
      look(module.previous, application.previous.version);
  }
  return Array.from(stripped, ([version, modules]) => ({ application: application.name, version, modules }));
}
