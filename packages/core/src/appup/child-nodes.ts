import { atom, list, printTerm, readFirstTerm, tuple, type Term } from '../erlang';
import { OtpError } from '../error';
import type { ModuleFacts, ModuleIndex } from '../diff';
import {
  isUnknown,
  resolveChild,
  sameSupervisor,
  type ChildFacts,
  type ChildReference,
  type SupervisorFacts,
  type Unknown,
} from '../facts';
import type { Instruction } from './instruction';
import type { ModuleStep } from './module-step';
import type { ChildNode } from './plan-node';
import type { Transition } from './transition';

/**
 * The children that have to be started or stopped because a supervisor has others in the version that is entered. The
 * code change of a supervisor reads their specifications again and touches no process (`supervisor:code_change/3`);
 * children that were handed to Elixir's `Supervisor.start_link/2` are not even read again.
 *
 * What can't be addressed or isn't known is left out here: the rules report it.
 */
export function childNodes(transition: Transition): ChildNode[] {
  return transition.changed.flatMap(({ steps }) => steps.flatMap((step) => nodesOfModule(step, transition)));
}

function nodesOfModule(step: ModuleStep, { left, entered }: Transition): ChildNode[] {
  if (step.left === undefined || step.entered === undefined || step.difference !== 'code') return [];
  const [before, after] = [supervisorsOf(step.left), supervisorsOf(step.entered)];
  return before.flatMap((running) => {
    const next = sameSupervisor(running, before, after);
    if (next === undefined || running.kind === 'dynamic') return [];
    const [present, wanted] = [childrenOf(running, left), childrenOf(next, entered)];
    const name = typeof running.name === 'string' ? termOf(running.name) : undefined;
    if (present === undefined || wanted === undefined || name === undefined) return [];
    const inline = running.kind === 'inline';
    const owner = { application: step.application, supervisor: step.module };
    const other = (child: KnownChild, among: readonly KnownChild[]): Other => {
      const same = among.find(({ id }) => id === child.id);
      if (same === undefined) return 'missing';
      const [mine, its] = [moduleOf(child.facts), moduleOf(same.facts)];
      return mine === undefined || its === undefined || mine === its ? 'same' : 'another-module';
    };
    const start = ({ id, child, facts }: KnownChild): Instruction | undefined =>
      inline ? startInline(name, child, facts) : restart(name, id);
    const started = wanted.flatMap((child) => withOther(child, other(child, present)));
    const stopped = present
      .flatMap((child) => withOther(child, other(child, wanted)))
      // Nothing is stopped that could not be started again.
      .filter(({ child, other }) => {
        const successor = started.find((one) => one.child.id === child.id);
        return other === 'missing' || (successor !== undefined && start(successor.child) !== undefined);
      });
    return [
      ...stopped.flatMap(({ child: { id, facts }, other }, at): ChildNode[] => {
        const term = termOf(id);
        if (term === undefined) return [];
        // What is forgotten can't be started again by its id.
        const forget = inline || other === 'missing' ? ['delete_child'] : [];
        return [
          {
            kind: 'stop-child',
            ...owner,
            id,
            position: stopped.length - at,
            startModule: moduleOf(facts),
            instructions: ['terminate_child', ...forget].map((call) => supervisorCall(call, name, term)),
            reason:
              other === 'missing'
                ? `the child ${id} of ${step.module} is not in the version that is entered, and a code change stops no process`
                : `the child ${id} of ${step.module} is started by another module in the version that is entered`,
          },
        ];
      }),
      ...started.flatMap(({ child, other }, position): ChildNode[] => {
        const { id, facts } = child;
        const instruction = start(child);
        if (instruction === undefined) return [];
        const why = inline
          ? `${step.module} hands its children to start_link, and a code change reads nothing of that again`
          : 'a code change starts no process';
        return [
          {
            kind: 'start-child',
            ...owner,
            id,
            position,
            startModule: moduleOf(facts),
            instructions: [instruction],
            reason:
              other === 'missing'
                ? `the child ${id} of ${step.module} is only in the version that is entered, and ${why}`
                : `the child ${id} of ${step.module} is started by another module now, and ${why}`,
          },
        ];
      }),
    ];
  });
}

/** What the other version has under the id of a child. */
type Other = 'missing' | 'same' | 'another-module';

function withOther(
  child: KnownChild,
  other: Other,
): { readonly child: KnownChild; readonly other: Exclude<Other, 'same'> }[] {
  return other === 'same' ? [] : [{ child, other }];
}

function supervisorsOf(module: ModuleFacts): readonly SupervisorFacts[] {
  const { supervisors } = module.details();
  return isUnknown(supervisors) ? [] : supervisors;
}

interface KnownChild {
  readonly id: string;
  readonly child: ChildFacts | ChildReference;
  readonly facts: ChildFacts | undefined;
}

/** The children of a supervisor, where all of their ids are known. */
export function childrenOf(
  { children, strategy }: SupervisorFacts,
  index: ModuleIndex,
): readonly KnownChild[] | undefined {
  if (strategy === 'simple_one_for_one') return [];
  if (isUnknown(children)) return undefined;
  const known: KnownChild[] = [];
  for (const child of children) {
    if (isUnknown(child)) return undefined;
    const facts = resolveChild(child, (name) => index.get(name)?.facts.details());
    const id = isUnknown(facts) ? idWithoutFacts(child) : facts.id;
    if (isUnknown(id)) return undefined;
    known.push({ id, child, facts: isUnknown(facts) ? undefined : facts });
  }
  return known;
}

function idWithoutFacts(child: ChildFacts | ChildReference): string | Unknown {
  if (!('childSpecOf' in child)) return child.id;
  return child.overrides?.id ?? { unknown: `what child_spec/1 of ${child.childSpecOf} answers` };
}

function moduleOf(facts: ChildFacts | undefined): string | undefined {
  return typeof facts?.startModule === 'string' ? facts.startModule : undefined;
}

function restart(supervisor: Term, id: string): Instruction | undefined {
  const term = termOf(id);
  return term && supervisorCall('restart_child', supervisor, term);
}

/**
 * `supervisor:start_child/2` needs the whole specification; Elixir's accepts a module and asks that for it. What the
 * module answers is written out where it names the child otherwise, so that the appup shows the id.
 */
function startInline(
  supervisor: Term,
  child: ChildFacts | ChildReference,
  facts: ChildFacts | undefined,
): Instruction | undefined {
  if ('childSpecOf' in child) {
    const arg = isUnknown(child.arg) ? undefined : termOf(child.arg);
    const isNamedByModule = facts === undefined || facts.id === printTerm(atom(child.childSpecOf));
    if (child.overrides === undefined && arg !== undefined && isNamedByModule) {
      return {
        kind: 'apply',
        call: {
          module: 'Elixir.Supervisor',
          function: 'start_child',
          args: [supervisor, tuple(atom(child.childSpecOf), arg)],
        },
      };
    }
  }
  const specification = facts && specificationOf(facts);
  return specification && supervisorCall('start_child', supervisor, specification);
}

/** `{Id, {M, F, A}, Restart, Shutdown, Type, Modules}`, where all of it is known. */
function specificationOf(facts: ChildFacts): Term | undefined {
  const { id, startModule, function: name, args, restart, shutdown, type, modules } = facts;
  if (isUnknown(startModule) || isUnknown(name) || isUnknown(modules)) return undefined;
  const texts = [id, args, restart, shutdown, type].map((text) =>
    isUnknown(text) ? undefined : termOf(text),
  );
  const [idTerm, argsTerm, restartTerm, shutdownTerm, typeTerm] = texts;
  if (
    idTerm === undefined ||
    argsTerm === undefined ||
    restartTerm === undefined ||
    shutdownTerm === undefined ||
    typeTerm === undefined
  ) {
    return undefined;
  }
  return tuple(
    idTerm,
    tuple(atom(startModule), atom(name), argsTerm),
    restartTerm,
    shutdownTerm,
    typeTerm,
    modules === 'dynamic' ? atom('dynamic') : list(modules.map(atom)),
  );
}

function supervisorCall(name: string, ...args: readonly Term[]): Instruction {
  return { kind: 'apply', call: { module: 'supervisor', function: name, args } };
}

/** Facts hold terms as text; a fun or a pid in one can't be written into an appup. */
function termOf(text: string): Term | undefined {
  try {
    return readFirstTerm(`${text}.`, 'facts').term;
  } catch (error) {
    if (error instanceof OtpError) return undefined;
    throw error;
  }
}
