import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import type { Diagnostic, Severity } from './diagnostic';
import { processTree } from './process-tree';
import { quoted, type Section, sectionsOf } from './section';

const conversions = ['code_change/3', 'code_change/4', 'system_code_change/4'];

/**
 * `sys:change_code/5` calls the behaviour's code change, and that the module's: where there is none it fails, and
 * release_handler, past the point of no return, restarts the node in the version that it came from.
 */
export function codeChangeMissing(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const { previous, next } = pair.difference;
  const trees = {
    previous: processTree(pair.modules.previous, previous.applications),
    next: processTree(pair.modules.next, next.applications),
  };
  return sectionsOf(pair, appups).flatMap((section) =>
    codeChanges(section, pair).flatMap(({ module, running }): Diagnostic[] => {
      const facts = running.get(module)?.facts;
      // Modules of OTP are not looked into, and a beam without attributes is a finding of its own.
      if (facts === undefined || !facts.hasAttributes) return [];
      // What the specification that names the module starts may run another one.
      const tree = running === pair.modules.next ? trees.next : trees.previous;
      const naming = tree.children.filter(
        ({ child: { modules } }) => Array.isArray(modules) && modules.includes(module),
      );
      const run = naming.flatMap(({ runs }) => runs).filter((name) => name !== module);
      const isSure = naming.every(({ runs }) => runs.length > 0);
      const called = run.length > 0 ? run : [module];
      return called.flatMap((name): Diagnostic[] => {
        const lacking = lacks(running.get(name)?.facts, running, isSure);
        if (lacking === undefined) return [];
        return [
          {
            code: 'code-change-missing',
            severity: lacking.severity,
            application: section.application.name,
            module,
            message: `the instructions ${section.place} call the code change of ${module}, and ${name} exports no ${lacking.conversion}${lacking.severity === 'error' ? ': the call would fail, and the node would restart in the middle of the upgrade' : ', and whether the process that is called does without could not be found out: if not, the node restarts in the middle of the upgrade'}.`,
            fix: `Write {load_module, ${quoted(module)}} there, or {update, ${quoted(module)}} where its processes must not run meanwhile, or give ${name} a ${lacking.conversion}.`,
          },
        ];
      });
    }),
  );
}

/** The modules whose code change the section calls, with the release whose code then runs. */
function codeChanges(
  { instructions, direction, entered, left }: Section,
  { modules }: ReleasePair,
): { readonly module: string; readonly running: ModuleIndex }[] {
  const loaded = new Set<string>();
  const changes: { readonly module: string; readonly running: ModuleIndex }[] = [];
  for (const instruction of instructions) {
    switch (instruction.kind) {
      case 'update':
        if (instruction.change.kind !== 'advanced') break;
        changes.push({
          module: instruction.module,
          // On the way down a static module is loaded first, a dynamic one converts with the newer code.
          running:
            direction === 'down' && instruction.moduleType === 'static' ? modules.previous : modules.next,
        });
        break;
      case 'load':
      case 'load_module':
      case 'add_module':
        loaded.add(instruction.module);
        break;
      case 'code_change':
        for (const { module } of instruction.changes) {
          changes.push({ module, running: loaded.has(module) ? entered : left });
        }
        break;
      default:
        break;
    }
  }
  return changes;
}

function lacks(
  facts: ModuleFacts | undefined,
  index: ModuleIndex,
  isSure: boolean,
): { readonly conversion: string; readonly severity: Severity } | undefined {
  if (facts === undefined) return undefined;
  const role = moduleRole(facts, index);
  switch (role.kind) {
    case 'supervisor':
      return undefined;
    case 'process':
      return role.conversion === 'missing' ? { conversion: role.codeChange, severity: 'error' } : undefined;
    case 'functional': {
      if (conversions.some((name) => facts.exports.has(name))) return undefined;
      const [behaviour] = facts.behaviours.filter((name) => !withoutProcess.has(name));
      if (behaviour === undefined) {
        // No process runs it as far as is known, and one that nobody could follow may run another module.
        return { conversion: 'code_change/3', severity: isSure ? 'error' : 'warning' };
      }
      // The process runs in the behaviour, which may convert its own state and leave the module's alone.
      const own = index.get(behaviour)?.facts;
      if (own === undefined) return { conversion: 'code_change/3', severity: 'warning' };
      return conversions.some((name) => own.exports.has(name))
        ? undefined
        : { conversion: 'code_change/3', severity: 'error' };
    }
  }
}

/** Behaviours of OTP and Elixir that are called in other processes and have none of their own. */
const withoutProcess: ReadonlySet<string> = new Set(['application', 'Elixir.Application']);
