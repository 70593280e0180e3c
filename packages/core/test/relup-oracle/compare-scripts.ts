import { encodeExternalTerm, listElements, type Term } from '../../src/erlang';

/** The dependencies between the modules that a set of scripts changes. */
export class Dependencies {
  /** For each module all that it depends on, directly or not. */
  private readonly reach = new Map<string, Set<string>>();
  readonly edges: (readonly [string, string])[] = [];

  /** @param scripts as in an appup; what is not a well-formed instruction for a module is passed over. */
  constructor(scripts: readonly (readonly Term[])[]) {
    for (const instruction of scripts.flat()) this.add(instruction);
    for (const middle of this.reach.keys()) {
      for (const reached of this.reach.values()) {
        if (reached.has(middle)) for (const next of this.reach.get(middle) ?? []) reached.add(next);
      }
    }
  }

  private add(instruction: Term): void {
    if (instruction.kind !== 'tuple') return;
    const [head, module] = instruction.elements;
    const last = instruction.elements.length > 2 ? instruction.elements.at(-1) : undefined;
    if (head?.kind !== 'atom' || module?.kind !== 'atom') return;
    if (!['update', 'load_module', 'add_module', 'delete_module'].includes(head.name)) return;
    const reached = this.reach.get(module.name) ?? new Set();
    this.reach.set(module.name, reached);
    for (const dependency of (last && listElements(last)) ?? []) {
      if (dependency.kind !== 'atom') continue;
      reached.add(dependency.name);
      this.edges.push([module.name, dependency.name]);
    }
  }

  comesBefore(one: string, other: string): boolean {
    return this.reach.get(one)?.has(other) ?? false;
  }

  /** The modules connected with `module`, itself among them. */
  component(module: string): ReadonlySet<string> {
    const component = new Set([module]);
    for (const member of component) {
      for (const [from, to] of this.edges) {
        if (from === member) component.add(to);
        if (to === member) component.add(from);
      }
    }
    return component;
  }

  /** The components that can be ordered in several ways: two members are unrelated. */
  ambiguousComponents(): ReadonlySet<string>[] {
    const components = new Map<string, ReadonlySet<string>>();
    for (const module of this.reach.keys()) {
      if ([...components.values()].some((component) => component.has(module))) continue;
      components.set(module, this.component(module));
    }
    return [...components.values()].filter((component) => {
      const members = [...component];
      return members.some((one, index) =>
        members
          .slice(index + 1)
          .some((other) => !this.comesBefore(one, other) && !this.comesBefore(other, one)),
      );
    });
  }
}

/**
 * What is different between two low-level scripts of the same upgrade, as OTP may not make it; undefined when nothing
 * is. Scripts are equal term for term, except that in a component with several orders each may have its own, as long
 * as it has the same instructions in the same place and keeps to the dependencies.
 */
export function differenceOf(
  ours: readonly Term[],
  otp: readonly Term[],
  direction: 'up' | 'down',
  dependencies: Dependencies,
): 'none' | 'none, but another order' | `${string} differ` | `order: ${string}` {
  if (sameInOrder(ours, otp)) return 'none';
  const ambiguous = dependencies.ambiguousComponents();
  if (ambiguous.length === 0) return 'scripts differ';
  const [one, other] = [canonical(ours, ambiguous), canonical(otp, ambiguous)];
  if (one !== other) return 'instructions differ';
  return (
    violation('ours', ours, direction, dependencies) ??
    violation('otp', otp, direction, dependencies) ??
    'none, but another order'
  );
}

function sameInOrder(ours: readonly Term[], otp: readonly Term[]): boolean {
  return (
    ours.length === otp.length &&
    ours.every((term, index) => {
      const other = otp[index];
      return other !== undefined && key(term) === key(other);
    })
  );
}

/** A text that is equal for scripts that differ only in the order within ambiguous components. */
function canonical(script: readonly Term[], ambiguous: readonly ReadonlySet<string>[]): string {
  const objectCode: string[] = [];
  const rest: string[] = [];
  let run: string[] = [];
  let runOf = -1;
  const endRun = (): void => {
    rest.push(...run.sort());
    run = [];
  };
  for (const term of script) {
    const name = nameOf(term);
    if (name === 'load_object_code') {
      objectCode.push(sortedKey(term));
      continue;
    }
    const modules = modulesOf(term);
    const component = ambiguous.findIndex((members) => modules.some((module) => members.has(module)));
    if (component !== runOf) endRun();
    runOf = component;
    if (component < 0) rest.push(key(term));
    else run.push(sortedKey(term));
  }
  endRun();
  return JSON.stringify([objectCode.sort(), rest]);
}

/** A dependency that a script does not keep to. */
function violation(
  whose: string,
  script: readonly Term[],
  direction: 'up' | 'down',
  dependencies: Dependencies,
): `order: ${string}` | undefined {
  // Not a number for a module that is removed with its application besides: comparisons with it are false.
  const loadedAt = new Map<string, number>();
  const suspendedAt = new Map<string, number>();
  script.forEach((term, index) => {
    const name = nameOf(term);
    modulesOf(term).forEach((module, within) => {
      if (name === 'load' || name === 'remove') loadedAt.set(module, loadedAt.has(module) ? NaN : index);
      if (name === 'suspend') suspendedAt.set(module, within);
    });
  });
  for (const [from, to] of dependencies.edges) {
    if (dependencies.comesBefore(to, from)) continue;
    const [fromAt, toAt] = [loadedAt.get(from) ?? -1, loadedAt.get(to) ?? -1];
    if (direction === 'up' ? fromAt <= toAt : fromAt >= toAt) return `order: ${whose} loads ${from}, ${to}`;
    const [fromSuspended, toSuspended] = [suspendedAt.get(from), suspendedAt.get(to)];
    if (fromSuspended !== undefined && toSuspended !== undefined && fromSuspended > toSuspended) {
      return `order: ${whose} suspends ${from}, ${to}`;
    }
  }
  return undefined;
}

function nameOf(term: Term): string {
  const head = term.kind === 'tuple' ? term.elements[0] : term;
  return head?.kind === 'atom' ? head.name : '';
}

/** The modules of `{load, {M, _, _}}`, `{suspend, [M | {M, _}]}`, `{code_change, up, [{M, _}]}` and the like. */
function modulesOf(term: Term): string[] {
  if (
    term.kind !== 'tuple' ||
    !['load', 'remove', 'purge', 'suspend', 'resume', 'code_change'].includes(nameOf(term))
  )
    return [];
  const argument = term.elements.at(-1);
  if (argument === undefined) return [];
  return (listElements(argument) ?? [argument]).map((element) => nameOf(element));
}

/** The key of an instruction whatever the order of the modules in it. */
function sortedKey(term: Term): string {
  if (term.kind === 'tuple') return `{${term.elements.map(sortedKey).join()}}`;
  if (term.kind === 'list') return `[${term.elements.map(key).sort().join()}]`;
  return key(term);
}

function key(term: Term): string {
  return encodeExternalTerm(term).toString('latin1');
}
