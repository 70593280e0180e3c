import type { Instruction, PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import type { ReleasePair } from '../diff/module-index';
import { printTerm } from '../erlang';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { processTree, type SupervisedChild } from './process-tree';
import {
  changedModules,
  listed,
  quoted,
  replacementOf,
  restartsAll,
  type Section,
  sectionsOf,
  suspendsTogether,
} from './section';

/**
 * A process reaches new code by a call that names the module. One that receives messages and calls itself without it
 * stays in the code it was started with, and the purge kills it: `brutal_purge` when the release is made permanent, or
 * when the module is loaded the next time.
 */
export function processStaysInOldCode(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const { previous, next } = pair.difference;
  const trees = {
    up: processTree(pair.modules.previous, previous.applications),
    down: processTree(pair.modules.next, next.applications),
  };
  const seen = new Set<string>();
  return sectionsOf(pair, appups).flatMap((section) => {
    if (restartsAll(section)) return [];
    const { application, instructions, left, place } = section;
    return changedModules(application).flatMap(({ name }): Diagnostic[] => {
      const replacement = replacementOf(section, name);
      const facts = left.get(name)?.facts;
      if (replacement === undefined || facts === undefined || seen.has(name)) return [];
      const { lingers } = facts.details();
      if (isUnknown(lingers)) return [];
      const loops = lingers.flatMap((linger) => (linger.kind === 'loop' ? [linger.function] : []));
      if (loops.length === 0) return [];
      // A special process that is suspended goes on by a call of system_continue/3, in the new code.
      const isSpecial = facts.exports.has('system_continue/3');
      if (isSpecial && (replacement.how !== 'load' || isSuspendedByAnother(section, name))) return [];
      // The loop of a gen_server is not its own: what receives in its module waits for one thing, and goes on, unless
      // another process was started for it.
      const isServer = !isSpecial && moduleRole(facts).kind === 'process';
      const started = isServer ? startedBeside(facts) : 'by name';
      if (started === undefined) return [];
      const children = trees[section.direction].children.filter(
        ({ child: { startModule }, runs }) => runs.includes(name) || startModule === name,
      );
      if (instructions.some((instruction) => stops(instruction, name, children))) return [];
      seen.add(name);
      const [child] = children;
      return [
        {
          code: 'process-stays-in-old-code',
          severity: started === 'by name' ? 'error' : 'warning',
          application: application.name,
          module: name,
          message: isSpecial
            ? `the instructions ${place} load ${name}, a special process, without suspending it: its loop ${listed(loops)} stays in the old code, and its processes are killed when that is purged.`
            : `the instructions ${place} load ${name}, and a process in its loop ${listed(loops)}, which calls itself without naming the module, never reaches the new code and is killed when the old is purged.`,
          fix: isSpecial
            ? `Write {update, ${quoted(name)}, {advanced, []}} there.`
            : `${stopAndStart(child)}, or call the loop as ?MODULE:${loops[0]?.replace(/\/\d+$/, '') ?? 'loop'}(...), exported, which serves from the next upgrade on.`,
        },
      ];
    });
  });
}

/** Its processes may be found by the name of another module, with which it changes. */
function isSuspendedByAnother(section: Section, module: string): boolean {
  return section.instructions.some(
    (instruction) => instruction.kind === 'update' && suspendsTogether(section, instruction.module, module),
  );
}

/** How a module starts processes of its own beside the one that its behaviour makes; undefined where it does not. */
function startedBeside(facts: ModuleFacts): 'by name' | 'by a fun' | undefined {
  const { starts, lingers } = facts.details();
  const byName =
    !isUnknown(starts) &&
    starts.some(({ starter, module }) => /:spawn/.test(starter) && module === facts.name);
  if (byName) return 'by name';
  // Of a fun it is not known whether it comes to the loop.
  return !isUnknown(lingers) && lingers.some(({ kind }) => kind === 'fun') ? 'by a fun' : undefined;
}

function stopAndStart(child: SupervisedChild | undefined): string {
  const id = child?.child.id;
  if (child === undefined || typeof id !== 'string') {
    return 'Stop its processes before the module is loaded and start them after, by {apply, {M, F, A}} in the appup';
  }
  const name = typeof child.supervisor.name === 'string' ? child.supervisor.name : 'NAME';
  const apply = (called: string): string => `{apply, {supervisor, ${called}, [${name}, ${id}]}}`;
  return `Write ${apply('terminate_child')} before it and ${apply('restart_child')} after it`;
}

/** Whether an instruction stops the processes that run the module. */
function stops(instruction: Instruction, module: string, children: readonly SupervisedChild[]): boolean {
  if (instruction.kind === 'stop') return instruction.modules.includes(module);
  if (instruction.kind !== 'apply') return false;
  const { module: called, function: name, args } = instruction.call;
  if (called !== 'supervisor' && called !== 'Elixir.Supervisor') return false;
  const id = args[1];
  if (name !== 'terminate_child' || id === undefined) return false;
  const text = printTerm(id);
  return children.some(({ child }) => child.id === text);
}
