import type { PlannedAppup } from '../appup';
import type { ModuleFacts } from '../diff';
import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { changedModules, listed, replacementOf, restartsAll, sectionsOf } from './section';

/**
 * Loading a module runs its `-on_load` function. One that loads a NIF finds the library loaded by the old code and
 * asks it to be taken over (`upgrade` of `ErlNifEntry`); a library without that callback refuses, and so does the
 * code server: `{error, on_load_failure}`, on which release_handler restarts the node.
 */
export function nativeCode(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const sections = sectionsOf(pair, appups).filter((section) => !restartsAll(section));
  return pair.difference.kept.flatMap((application): Diagnostic[] => {
    const own = sections.filter((section) => section.application === application);
    const findings: Diagnostic[] = [];
    for (const { name, next, previous } of changedModules(application)) {
      const section = own.find((one) => replacementOf(one, name) !== undefined);
      if (section === undefined) continue;
      if (loadsNif(previous) && loadsNif(next)) {
        findings.push({
          code: 'nif-reload',
          severity: 'error',
          application: application.name,
          module: name,
          message: `${name} changed, and loads a NIF library: when the instructions ${section.place} load it, that library must take over from the one of the old code, and where it has no upgrade callback the load fails and the node restarts in the middle of the upgrade.`,
          fix: `See that the library has an upgrade callback (the fourth argument but one of ERL_NIF_INIT) that keeps or converts its data, and allow this finding; or write restart_emulator, or keep ${name} as it is and move what changes to another module.`,
        });
      } else if (next.hasOnLoad || previous.hasOnLoad) {
        findings.push({
          code: 'on-load',
          severity: 'warning',
          application: application.name,
          module: name,
          message: `${name} has an -on_load function, which runs when the instructions ${section.place} load it: where it answers anything but ok, the load fails and the node restarts in the middle of the upgrade.`,
          fix: 'See that the function may run a second time on the same node, and answers ok then.',
        });
      }
    }
    const libraries = application.files.filter(
      ({ kind, path }) => kind !== 'removed' && /^priv\/.*\.(so|dll|dylib)(\.[\d.]+)?$/.test(path),
    );
    if (own.length > 0 && libraries.length > 0) {
      const loaders = [...pair.modules.next.values()]
        .filter((module) => module.application === application.name && loadsNif(module.facts))
        .map(({ facts }) => facts.name);
      const changed = new Set(changedModules(application).map(({ name }) => name));
      const unchanged = loaders.filter((name) => !changed.has(name));
      if (unchanged.length > 0) {
        findings.push({
          code: 'nif-library-changed',
          severity: 'warning',
          application: application.name,
          message: `${listed(libraries.map(({ path }) => path))} changed, and ${listed(unchanged)}, which may load it, did not: nothing loads the new library, and the node goes on with the old one until it restarts.`,
          fix: `Change the module together with its library, with an upgrade callback in the library, or write restart_emulator.`,
        });
      }
    }
    return findings;
  });
}

function loadsNif({ calls }: ModuleFacts): boolean {
  return calls.get('erlang')?.has('load_nif/2') ?? false;
}
