import { atom, binary, float, integer, list, map, nil, string, tuple, type Term } from '../../src/erlang';
import type { ApplicationInRelease, StartType } from '../../src/release/model';
import type { Random } from '../random';

/** Scripts and applications for `systools_rc:translate_scripts/4`; most translate, some hold one mistake or several. */
export interface TranslateCase {
  readonly direction: 'up' | 'down';
  readonly scripts: readonly (readonly Term[])[];
  readonly entered: readonly ApplicationInRelease[];
  readonly left: readonly ApplicationInRelease[];
}

const startTypes: readonly StartType[] = ['permanent', 'transient', 'temporary', 'load', 'none'];

export function generateTranslateCase(random: Random): TranslateCase {
  const names = ['a', 'b', 'c', 'd'].slice(0, 1 + random.below(4));
  const entered: ApplicationInRelease[] = [];
  const left: ApplicationInRelease[] = [];
  const added: string[] = [];
  const removed: string[] = [];
  for (const name of names) {
    const pool = Array.from({ length: random.below(7) }, (_, index) => `${name}${index + 1}`);
    // In a release no two applications have a module in common; here the first of them is to count.
    const foreign = random.chance(0.05) && name !== 'a' ? ['a1'] : [];
    const kind = random.below(10);
    if (kind === 0 && names.length > 1) added.push(name);
    if (kind === 1 && names.length > 1) removed.push(name);
    if (!removed.includes(name))
      entered.push(application(name, '2', random.pick(startTypes), [...random.some(pool, 0.85), ...foreign]));
    if (!added.includes(name))
      left.push(application(name, '1', random.pick(startTypes), random.some(pool, 0.85)));
  }
  const scripts = generateScripts(random, { entered, left, skipped: [...added, ...removed], mistakes: 0.25 });
  const complete = [
    ...(random.chance(0.05) ? [[atom('restart_new_emulator')]] : []),
    ...added.map((name) => [addApplication(random, name)]),
    ...scripts.values(),
    ...removed.map((name) => [tuple(atom('remove_application'), atom(name))]),
    ...(random.chance(0.05) ? [[atom('restart_emulator')]] : []),
  ];
  return {
    direction: random.chance(0.5) ? 'up' : 'down',
    scripts: random.chance(0.05) ? random.shuffled(complete) : complete,
    entered: random.chance(0.2) ? random.shuffled(entered) : entered,
    left,
  };
}

/** One script for each application in both releases, as an appup would have it. */
export function generateScripts(
  random: Random,
  releases: {
    readonly entered: readonly ApplicationInRelease[];
    readonly left: readonly ApplicationInRelease[];
    readonly skipped: readonly string[];
    /** How probable it is that the scripts hold mistakes. */
    readonly mistakes: number;
  },
): ReadonlyMap<string, readonly Term[]> {
  const { entered, left, skipped } = releases;
  const style = random.pick(['none', 'sparse', 'sparse', 'chain', 'dense'] as const);
  const plans = entered
    .filter(({ name }) => !skipped.includes(name) && left.some((other) => other.name === name))
    .map((application) => {
      const old = modulesOf(left, application.name);
      const now = application.resource.modules;
      const restart = random.chance(0.08);
      const changed = restart
        ? []
        : [
            ...random
              .some(
                now.filter((module) => old.includes(module)),
                0.7,
              )
              .map((module) => ({ module, kind: 'change' as const })),
            ...random
              .some(
                now.filter((module) => !old.includes(module)),
                0.8,
              )
              .map((module) => ({ module, kind: 'add' as const })),
            ...random
              .some(
                old.filter((module) => !now.includes(module)),
                0.8,
              )
              .map((module) => ({ module, kind: 'delete' as const })),
          ];
      return { application, restart, changed: random.shuffled(changed) };
    });
  const all = plans.flatMap(({ changed }) => changed.map(({ module }) => module));
  const scripts = plans.map(({ application, restart, changed }) => {
    const own = changed.map(({ module }) => module);
    const instructions = changed.map(({ module, kind }, index) => {
      const dependencies = dependenciesOf(random, style, module, index, own, all);
      if (kind === 'add') return addModule(random, module, dependencies);
      if (kind === 'delete') return optionalList(random, 'delete_module', module, dependencies);
      return random.chance(0.5)
        ? loadModule(random, module, dependencies)
        : update(random, module, dependencies);
    });
    if (restart) instructions.push(tuple(atom('restart_application'), atom(application.name)));
    return withPointOfNoReturn(random, withLowLevel(random, instructions, application), application);
  });
  if (random.chance(releases.mistakes)) mutate(random, scripts, all);
  return new Map(plans.map(({ application }, index) => [application.name, scripts[index] ?? []]));
}

export function application(
  name: string,
  version: string,
  startType: StartType,
  modules: readonly string[],
): ApplicationInRelease {
  return {
    name,
    version,
    startType,
    includedApplications: [],
    resource: {
      name,
      version,
      description: '',
      modules,
      registered: [],
      applications: [],
      optionalApplications: [],
      includedApplications: [],
      env: nil,
      properties: nil,
    },
  };
}

export function addApplication(random: Random, name: string): Term {
  if (random.chance(0.3)) return tuple(atom('add_application'), atom(name));
  return tuple(atom('add_application'), atom(name), atom(random.pick(startTypes)));
}

function modulesOf(applications: readonly ApplicationInRelease[], name: string): readonly string[] {
  return applications.find((application) => application.name === name)?.resource.modules ?? [];
}

function dependenciesOf(
  random: Random,
  style: 'none' | 'sparse' | 'chain' | 'dense',
  module: string,
  index: number,
  own: readonly string[],
  all: readonly string[],
): readonly string[] {
  switch (style) {
    case 'none':
      return [];
    case 'chain': {
      const next = own[index + 1];
      return next === undefined || random.chance(0.2) ? [] : [next];
    }
    case 'sparse':
    case 'dense': {
      const from = random.chance(0.3) ? all : own;
      const dependencies = random.some(from, style === 'sparse' ? 0.15 : 0.35);
      if (random.chance(0.03)) return [...dependencies, module, ...dependencies];
      return random.shuffled(dependencies.filter((dependency) => dependency !== module));
    }
  }
}

function update(random: Random, module: string, dependencies: readonly string[]): Term {
  const change = random.chance(0.6) ? tuple(atom('advanced'), anyTerm(random)) : atom('soft');
  const purges = [purge(random), purge(random)];
  const timeout = random.pick([atom('default'), atom('infinity'), integer(1 + random.below(10_000))]);
  const depMods = list(dependencies.map(atom));
  const head = [atom('update'), atom(module)];
  const short = [
    ...(dependencies.length > 0
      ? []
      : [
          tuple(...head),
          tuple(...head, atom('supervisor')),
          tuple(...head, change),
          tuple(...head, atom('soft')),
        ]),
    tuple(...head, depMods),
    tuple(...head, change, depMods),
  ];
  switch (random.below(5)) {
    case 0:
      return tuple(...head, change, ...purges, depMods);
    case 1:
      return tuple(...head, timeout, change, ...purges, depMods);
    case 2:
      return tuple(...head, atom(random.pick(['static', 'dynamic'])), timeout, change, ...purges, depMods);
    default:
      return random.pick(short);
  }
}

function loadModule(random: Random, module: string, dependencies: readonly string[]): Term {
  if (random.chance(0.3)) {
    return tuple(
      atom('load_module'),
      atom(module),
      purge(random),
      purge(random),
      list(dependencies.map(atom)),
    );
  }
  return optionalList(random, 'load_module', module, dependencies);
}

function addModule(random: Random, module: string, dependencies: readonly string[]): Term {
  return optionalList(random, 'add_module', module, dependencies);
}

function optionalList(random: Random, name: string, module: string, dependencies: readonly string[]): Term {
  if (dependencies.length === 0 && random.chance(0.8)) return tuple(atom(name), atom(module));
  return tuple(atom(name), atom(module), list(dependencies.map(atom)));
}

function purge(random: Random): Term {
  return atom(random.chance(0.5) ? 'soft_purge' : 'brutal_purge');
}

function apply(random: Random): Term {
  const args = list(Array.from({ length: random.below(3) }, () => anyTerm(random)));
  return tuple(atom('apply'), tuple(atom('m'), atom(random.pick(['f', 'g'])), args));
}

/** Low-level instructions among the others, in pairs where they need a partner. */
function withLowLevel(
  random: Random,
  instructions: readonly Term[],
  application: ApplicationInRelease,
): Term[] {
  const script = [...instructions];
  const insert = (term: Term): void => {
    script.splice(random.below(script.length + 1), 0, term);
  };
  const { modules } = application.resource;
  const names = list(random.some(['x', 'y', 'z', ...modules], 0.3).map(atom));
  while (random.chance(0.4)) {
    switch (random.below(13)) {
      case 0:
      case 1:
        insert(apply(random));
        break;
      case 2:
        insert(objectCode(application, random.shuffled([...modules, 'x'])));
        insert(tuple(atom('load'), tuple(atom('x'), purge(random), purge(random))));
        break;
      case 3:
        insert(
          tuple(
            atom('suspend'),
            list([tuple(atom('x'), integer(5)), atom('y'), tuple(atom('z'), atom('default'))]),
          ),
        );
        insert(tuple(atom('resume'), list(random.shuffled(['x', 'y', 'z', 'x']).map(atom))));
        break;
      case 4:
        insert(tuple(atom('stop'), names));
        insert(tuple(atom('start'), names));
        break;
      case 5:
        insert(tuple(atom('purge'), names));
        break;
      case 6:
        insert(tuple(atom('remove'), tuple(atom('x'), purge(random), purge(random))));
        break;
      case 7:
        insert(
          tuple(
            atom('sync_nodes'),
            anyTerm(random),
            random.chance(0.5) ? names : tuple(atom('m'), atom('f'), nil),
          ),
        );
        break;
      case 8: {
        const changes = list([tuple(atom('x'), anyTerm(random))]);
        insert(
          random.chance(0.5)
            ? tuple(atom('code_change'), changes)
            : tuple(atom('code_change'), atom(random.pick(['up', 'down'])), changes),
        );
        break;
      }
      case 9:
        insert(atom(random.pick(['restart_new_emulator', 'restart_emulator'])));
        break;
      case 10:
        insert(atom(random.pick(['restart', 'reboot'])));
        break;
      case 11:
        // A list among the instructions is put in their place.
        insert(list(Array.from({ length: random.below(3) }, () => apply(random))));
        break;
      case 12:
        insert(objectCode(application, random.some(modules, 0.5)));
        break;
    }
  }
  return script;
}

function objectCode({ name, version }: ApplicationInRelease, modules: readonly string[]): Term {
  return tuple(atom('load_object_code'), tuple(atom(name), string(version), list(modules.map(atom))));
}

function withPointOfNoReturn(
  random: Random,
  script: readonly Term[],
  application: ApplicationInRelease,
): Term[] {
  if (random.chance(0.75)) return [...script];
  const before = Array.from({ length: random.below(3) }, () =>
    random.chance(0.5)
      ? apply(random)
      : objectCode(application, random.some(application.resource.modules, 0.5)),
  );
  return [...before, atom('point_of_no_return'), ...script];
}

/** Extra, as any term. */
function anyTerm(random: Random): Term {
  switch (random.below(10)) {
    case 0:
      return nil;
    case 1:
      return string(random.pick(['text', 'überall', '☃', '']));
    case 2:
      return binary(Buffer.from([1, 2, random.below(256)]));
    case 3:
      return map([[atom('key'), integer(random.below(9))]]);
    case 4:
      return float(1.5);
    case 5:
      return list([atom('a')], atom('b'));
    case 6:
      return integer(2n ** 70n);
    case 7:
      return tuple(atom('nested'), list([integer(-1), tuple()]));
    default:
      return atom(random.pick(['e', 'undefined', "it's"]));
  }
}

/** Puts one to three mistakes into the scripts. */
function mutate(random: Random, scripts: Term[][], modules: readonly string[]): void {
  if (scripts.length === 0) return;
  do {
    const script = random.pick(scripts);
    const at = random.below(script.length + 1);
    if (random.chance(0.7)) script.splice(at, 0, random.pick(mistakes)(random, modules));
    else if (script.length > 0) {
      const index = random.below(script.length);
      const victim = script[index];
      if (victim !== undefined) script[index] = spoil(random, victim);
    }
  } while (random.chance(0.25));
}

/** One element of an instruction, at whatever depth, replaced by something else. */
function spoil(random: Random, term: Term): Term {
  if ((term.kind !== 'tuple' && term.kind !== 'list') || term.elements.length === 0 || random.chance(0.3)) {
    return random.pick([
      integer(0), integer(-1), integer(7), atom('oops'), atom('static'), atom('soft'), string('text'), nil, list([atom('x')]),
      list([atom('x')], atom('y')), tuple(atom('advanced'), atom('z')), tuple(atom('m'), atom('f'), atom('none')), tuple(), float(2),
      tuple(atom('x'), integer(1)),
    ]); // prettier-ignore
  }
  const index = random.below(term.elements.length);
  const elements = term.elements.map((element, at) => (at === index ? spoil(random, element) : element));
  if (random.chance(0.15)) elements.splice(index, 1);
  return term.kind === 'tuple' ? tuple(...elements) : list(elements);
}

const mistakes: readonly ((random: Random, modules: readonly string[]) => Term)[] = [
  (random, modules) => tuple(atom('load_module'), atom(random.pick(['nowhere', ...modules]))),
  (random, modules) => tuple(atom('delete_module'), atom(random.pick(['nowhere', ...modules]))),
  (random, modules) =>
    tuple(atom('update'), atom(random.pick(['nowhere', ...modules])), list([atom('absent')])),
  () => atom('point_of_no_return'),
  () => atom('mnesia_backup'),
  () => atom('anything'),
  () => tuple(atom('load'), tuple(atom('unloaded'), atom('soft_purge'), atom('soft_purge'))),
  () => tuple(atom('suspend'), list([atom('left_suspended')])),
  () => tuple(atom('resume'), list([atom('not_suspended')])),
  () => tuple(atom('start'), list([atom('not_stopped')])),
  () => tuple(atom('stop'), list([atom('not_started')])),
  (random) => tuple(atom('load_object_code'), tuple(atom(random.pick(['a', 'b'])), string('9'), nil)),
  (random) => tuple(atom('remove_application'), atom(random.pick(['a', 'b', 'c', 'nowhere']))),
  (random) => tuple(atom('restart_application'), atom(random.pick(['a', 'b', 'c', 'nowhere']))),
  (random) => addApplication(random, random.pick(['a', 'b', 'c', 'nowhere'])),
  (random) => list([tuple(atom('load_module'), atom('a1')), apply(random)]),
  (random) => list([apply(random)], atom('improper')),
  () => tuple(atom('purge'), list([atom('x')], atom('y'))),
  () => tuple(atom('sync_nodes'), atom('id'), list([atom('n@h'), string('n@h')])),
  () => tuple(atom('code_change'), list([atom('x')])),
  (random) => tuple(atom('code_change'), atom(random.pick(['sideways', 'up'])), list([atom('x')])),
  () => tuple(atom('add_application'), atom('a'), atom('forever')),
  (random) => tuple(atom('update'), atom('a1'), atom('supervisor'), list([atom(random.pick(['a2', 'a3']))])),
];
