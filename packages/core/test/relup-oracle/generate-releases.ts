import type { Appup } from '../../src/appup/appup-file';
import { appupToTerm } from '../../src/appup/appup-file';
import { atom, list, nil, string, tuple, type Term } from '../../src/erlang';
import type { BaseRelease, RelupOptions } from '../../src/relup';
import type {
  ApplicationInRelease,
  ApplicationResource,
  ReleaseDescription,
  StartType,
} from '../../src/release/model';
import { generateScripts } from './generate-scripts';
import type { Random } from '../random';

/** Releases and appups for `systools:make_relup/4`; most are in order, some have one mistake or several. */
export interface RelupCase {
  readonly next: ReleaseDescription;
  readonly previous: readonly BaseRelease[];
  readonly appups: ReadonlyMap<string, Appup>;
  readonly options: RelupOptions;
}

/** `trouble` scales how probable mistakes are; 0 for none. */
export function generateRelupCase(random: Random, trouble = 1): RelupCase {
  const universe = random.shuffled(['a', 'b', 'c', 'd', 'e', 'f']).slice(0, 1 + random.below(6));
  const resources = new Map<string, ApplicationResource>();
  const resource = (name: string, version: string): ApplicationResource => {
    const known = resources.get(`${name}-${version}`);
    if (known !== undefined) return known;
    const made = generateResource(random, name, version, universe, trouble);
    resources.set(`${name}-${version}`, made);
    return made;
  };
  const release = (version: string, versionOf: (name: string) => string): ReleaseDescription =>
    generateRelease(random, version, universe, (name) => resource(name, versionOf(name)), trouble);

  const next = release('2', () => '2');
  const previous = ['1', ...(random.chance(0.25) ? ['0.5'] : [])].map((version): BaseRelease => ({
    release: release(version, () => (random.chance(0.25) ? '2' : random.chance(0.9) ? version : '1')),
    ...(random.chance(0.3) ? { description: random.pick(['from the first', 'Größe', '']) } : {}),
  }));
  return {
    next,
    previous,
    appups: generateAppups(random, next, previous, trouble),
    options: { order: 'otp', restartEmulator: random.chance(0.1) },
  };
}

/** The files that OTP reads for a case: `{Path, Term}`. */
export function filesOf({ next, previous, appups }: RelupCase): Term[] {
  const releases = [next, ...previous.map(({ release }) => release)];
  const resources = new Map(
    releases.flatMap(({ applications }) =>
      applications.map(({ resource }) => [`${resource.name}-${resource.version}`, resource]),
    ),
  );
  return [
    ...releases.map((release) => tuple(string(release.relFile), relTerm(release))),
    ...[...resources].map(([folder, resource]) =>
      tuple(string(`lib/${folder}/ebin/${resource.name}.app`), appTerm(resource)),
    ),
    ...[...appups].map(([name, appup]) =>
      tuple(string(`lib/${name}-2/ebin/${name}.appup`), appupToTerm(appup)),
    ),
  ];
}

function generateResource(
  random: Random,
  name: string,
  version: string,
  universe: readonly string[],
  trouble: number,
): ApplicationResource {
  const others = universe.slice(0, universe.indexOf(name));
  const includedApplications = random.some(others, 0.08);
  const uses = random
    .some(others, 0.35)
    .filter((other) => !includedApplications.includes(other) || random.chance(0.3));
  const back = random.chance(0.02 * trouble) ? [random.pick(universe)] : [];
  const applications = [...random.shuffled([...uses, ...back]), 'kernel', 'stdlib'];
  const modules = Array.from({ length: random.below(6) }, (_, index) => `${name}${index + 1}`);
  return {
    name,
    version,
    description: 'd',
    modules: [...random.some(modules, 0.85), ...(random.chance(0.01 * trouble) ? ['a1'] : [])],
    registered: [`${name}_sup`, ...(random.chance(0.01 * trouble) ? ['a_sup'] : [])],
    applications: random.chance(0.2) ? random.shuffled(applications) : applications,
    optionalApplications: random.some(uses, 0.2),
    includedApplications,
    env: nil,
    properties: nil,
  };
}

function generateRelease(
  random: Random,
  version: string,
  universe: readonly string[],
  resource: (name: string) => ApplicationResource,
  trouble: number,
): ReleaseDescription {
  const present = new Set(random.some(universe, 0.75));
  const chosen = new Map<string, ApplicationResource>();
  for (const name of present) {
    const found = resource(name);
    chosen.set(name, found);
    const optional = found.optionalApplications;
    for (const needed of [...found.applications, ...found.includedApplications]) {
      if (!universe.includes(needed) || (optional.includes(needed) && random.chance(0.5))) continue;
      if (!random.chance(0.02 * trouble)) present.add(needed);
    }
  }
  const otp = ['kernel', 'stdlib', 'sasl'].filter(
    (name) => !random.chance((name === 'sasl' ? 0.01 : 0.004) * trouble),
  );
  const applications = [
    ...otp.map((name): ApplicationInRelease => {
      const startType = random.chance(0.004 * trouble) ? 'load' : 'permanent';
      return { name, version: '4.0', startType, includedApplications: [], resource: otpResource(name) };
    }),
    ...random.shuffled([...chosen]).map(([name, resource]): ApplicationInRelease => {
      const startType = random.pick<StartType>([
        'permanent',
        'permanent',
        'transient',
        'temporary',
        'load',
        'none',
      ]);
      const replaced = random.chance(0.1) ? random.some(resource.includedApplications, 0.5) : undefined;
      return {
        name,
        version: resource.version,
        startType,
        includedApplications: replaced ?? resource.includedApplications,
        resource,
      };
    }),
  ];
  return {
    name: 'generated',
    version,
    ertsVersion: random.chance(0.1) ? '12.0' : '13.0',
    applications: random.chance(0.1) ? random.shuffled(applications) : applications,
    relFile: `${version}.rel`,
  };
}

function otpResource(name: string): ApplicationResource {
  return {
    name,
    version: '4.0',
    description: 'd',
    modules: [],
    registered: [],
    applications: name === 'kernel' ? [] : name === 'stdlib' ? ['kernel'] : ['kernel', 'stdlib'],
    optionalApplications: [],
    includedApplications: [],
    env: nil,
    properties: nil,
  };
}

function generateAppups(
  random: Random,
  next: ReleaseDescription,
  previous: readonly BaseRelease[],
  trouble: number,
): Map<string, Appup> {
  const up = new Map<string, Appup['up'][number][]>();
  const down = new Map<string, Appup['up'][number][]>();
  for (const { release } of random.chance(0.3) ? [...previous].reverse() : previous) {
    const before = new Map(release.applications.map(({ name, version }) => [name, version]));
    const skipped = next.applications
      .filter(({ name, version }) => before.get(name) === version)
      .map(({ name }) => name);
    for (const [sections, entered, left] of [
      [up, next.applications, release.applications],
      [down, release.applications, next.applications],
    ] as const) {
      const scripts = generateScripts(random, { entered, left, skipped, mistakes: 0.08 * trouble });
      for (const [name, script] of scripts) {
        const version = before.get(name);
        if (version === undefined || random.chance(0.01 * trouble)) continue;
        const section = {
          version: generateVersion(random, version),
          instructions: script.map((term) => ({ term })),
        };
        sections.set(name, [...(sections.get(name) ?? []), section]);
      }
    }
  }
  const changed = next.applications.filter(({ name }) => up.has(name) || down.has(name));
  return new Map(
    changed
      .filter(() => !random.chance(0.01 * trouble))
      .map(({ name }): [string, Appup] => [
        name,
        {
          file: `${name}.appup`,
          version: random.chance(0.05) ? '3' : '2',
          up: up.get(name) ?? [],
          down: down.get(name) ?? [],
        },
      ]),
  );
}

function generateVersion(random: Random, version: string): Appup['up'][number]['version'] {
  if (random.chance(0.7)) return { kind: 'exact', version };
  const escaped = version.replaceAll('.', '\\.');
  return {
    kind: 'pattern',
    source: random.pick(['.*', escaped, `^${escaped}$`, '[0-9.]+', `(?:1|${escaped})`]),
  };
}

function relTerm({ name, version, ertsVersion, applications }: ReleaseDescription): Term {
  return tuple(
    atom('release'),
    tuple(string(name), string(version)),
    tuple(atom('erts'), string(ertsVersion)),
    list(
      applications.map(({ name, version, startType, includedApplications, resource }) => {
        const spec = [atom(name), string(version), ...(startType === 'permanent' ? [] : [atom(startType)])];
        const replaced =
          includedApplications === resource.includedApplications ? [] : [atoms(includedApplications)];
        return tuple(...spec, ...replaced);
      }),
    ),
  );
}

function appTerm(resource: ApplicationResource): Term {
  return tuple(
    atom('application'),
    atom(resource.name),
    list([
      tuple(atom('vsn'), string(resource.version)),
      tuple(atom('description'), string(resource.description)),
      tuple(atom('modules'), atoms(resource.modules)),
      tuple(atom('registered'), atoms(resource.registered)),
      tuple(atom('applications'), atoms(resource.applications)),
      tuple(atom('optional_applications'), atoms(resource.optionalApplications)),
      tuple(atom('included_applications'), atoms(resource.includedApplications)),
    ]),
  );
}

function atoms(names: readonly string[]): Term {
  return list(names.map(atom));
}
