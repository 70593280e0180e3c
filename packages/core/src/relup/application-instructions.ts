import { atom, type Term } from '../erlang';
import type { ApplicationInRelease, StartType } from '../release/model';
import type { MergedScript } from './merge-scripts';
import { problemAt, type RelupProblem } from './problem';
import type { Placed, ReleaseInstruction } from './script';

/**
 * Replaces, in place, the instructions for applications, and then `add_module` by the `load_module` it is
 * (`systools_rc:translate_application_instrs/3`, `translate_add_module_instrs/2`):
 *
 * - add: load every module, then start the application by its type (`none`: neither start nor load it)
 * - remove: stop it, remove and purge every module, unload it
 * - restart: stop it, remove and purge the modules it had, load those it has, start it by its type in `entered`
 */
export function translateApplicationInstructions(
  script: MergedScript['after'],
  {
    entered,
    left,
  }: { readonly entered: readonly ApplicationInRelease[]; readonly left: readonly ApplicationInRelease[] },
): { readonly script: readonly Placed<ReleaseInstruction>[]; readonly problems: readonly RelupProblem[] } {
  const after = byName(entered);
  const before = byName(left);
  const translated: Placed<ReleaseInstruction>[] = [];
  const problems: RelupProblem[] = [];
  for (const { instruction, origin } of script) {
    const add = (...instructions: readonly ReleaseInstruction[]): void => {
      for (const instruction of instructions) translated.push({ instruction, origin });
    };
    const noSuch = (release: string, name: string): void => {
      const problem = `application ${name} is not in the release that is ${release}.`;
      const fix = 'Name an application of the release, or take the instruction out.';
      problems.push(problemAt(origin, 'no_such_application', problem, fix));
    };
    switch (instruction.kind) {
      case 'add_application': {
        const { application: name, startType } = instruction;
        const application = after.get(name);
        if (application === undefined) noSuch('entered', name);
        else add(...application.resource.modules.map((module) => loadNew(module)), ...start(name, startType));
        break;
      }
      case 'remove_application': {
        const { application: name } = instruction;
        const application = before.get(name);
        if (after.has(name)) {
          const problem = `application ${name} is removed, but it is in the release that is entered.`;
          const fix = 'Take it out of the release, or write restart_application.';
          problems.push(problemAt(origin, 'removed_application_present', problem, fix));
        } else if (application === undefined) noSuch('left', name);
        else add(...stop(application), call('unload', atom(name)));
        break;
      }
      case 'restart_application': {
        const { application: name } = instruction;
        const [old, application] = [before.get(name), after.get(name)];
        if (old === undefined) noSuch('left', name);
        else if (application === undefined) noSuch('entered', name);
        else {
          const loads = application.resource.modules.map((module) => loadNew(module));
          add(...stop(old), ...loads, ...start(name, application.startType));
        }
        break;
      }
      case 'add_module':
        add(loadNew(instruction.module, instruction.dependencies));
        break;
      default:
        add(instruction);
    }
  }
  return { script: translated, problems };
}

function byName(applications: readonly ApplicationInRelease[]): ReadonlyMap<string, ApplicationInRelease> {
  // As lists:keysearch: of several the first counts.
  return new Map([...applications].reverse().map((application) => [application.name, application]));
}

function loadNew(module: string, dependencies: readonly string[] = []): ReleaseInstruction {
  return { kind: 'load_module', module, prePurge: 'brutal_purge', postPurge: 'brutal_purge', dependencies };
}

function start(name: string, type: StartType): ReleaseInstruction[] {
  switch (type) {
    case 'none':
      return [];
    case 'load':
      return [call('load', atom(name))];
    case 'permanent':
    case 'transient':
    case 'temporary':
      return [call('start', atom(name), atom(type))];
  }
}

function stop({ name, resource: { modules } }: ApplicationInRelease): ReleaseInstruction[] {
  return [
    call('stop', atom(name)),
    ...modules.map(
      (module) => ({ kind: 'remove', module, prePurge: 'brutal_purge', postPurge: 'brutal_purge' }) as const,
    ),
    { kind: 'purge', modules },
  ];
}

function call(name: 'start' | 'stop' | 'load' | 'unload', ...args: readonly Term[]): ReleaseInstruction {
  return { kind: 'apply', call: { module: 'application', function: name, args } };
}
