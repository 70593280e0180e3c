import {
  isAtom,
  listElements,
  readTerms,
  stringValue,
  tupleOf,
  usualApplicationFolders,
  type Term,
} from '@nx-otp/core/workspace';
import { readOrNothing } from './project-files';

/**
 * What Erlang's term files in a workspace say, as far as the graph needs it. A file that cannot be read, or is a
 * program, says nothing here: whoever edits one project goes on working with the others, and the target that needs the file
 * says what is wrong with it, and where.
 */

/** `src/NAME.app.src`. */
export interface ResourceFacts {
  readonly description: string | undefined;
  /** `applications`, `included_applications` and `optional_applications`, in this order. */
  readonly applications: readonly string[];
}

export function readResource(path: string): ResourceFacts {
  const [term] = termsIn(path);
  const properties = elementsOf(term && tupleOf(term, 'application', 3)?.elements[2]);
  const named = ['applications', 'included_applications', 'optional_applications'].flatMap((key) =>
    elementsOf(valueOf(properties, key)).flatMap((each) => (isAtom(each) ? [each.name] : [])),
  );
  const description = valueOf(properties, 'description');
  return {
    description: (description && stringValue(description)) || undefined,
    applications: [...new Set(named)],
  };
}

/** `rebar.config`. */
export interface RebarFacts {
  /** Where the applications of the project lie: `sub_dirs`, `project_app_dirs`, or where they usually do. */
  readonly applicationFolders: readonly string[];
  /** The names in `deps`, also those of profiles. */
  readonly dependencies: readonly string[];
  /** The parse transforms in `erl_opts`. */
  readonly transforms: readonly string[];
  /** The paths of `{i, Path}` in `erl_opts`. */
  readonly includes: readonly string[];
  /** Whether rebar3 does more than compile Erlang: plugins, hooks, ports. */
  readonly needsRebar3: boolean;
}

export function readRebarConfig(path: string): RebarFacts {
  const terms = termsIn(path);
  const strings = (key: string): string[] | undefined => {
    const value = valueOf(terms, key);
    return value && elementsOf(value).flatMap((each) => stringValue(each) ?? (isAtom(each) ? each.name : []));
  };
  const profiles = elementsOf(valueOf(terms, 'profiles')).flatMap((profile) =>
    elementsOf(tupleOf(profile, undefined, 2)?.elements[1]),
  );
  const dependencies = [terms, profiles].flatMap((properties) =>
    properties
      .flatMap((property) => elementsOf(tupleOf(property, 'deps', 2)?.elements[1]))
      .flatMap((dependency) => nameOf(dependency) ?? []),
  );
  const options = elementsOf(valueOf(terms, 'erl_opts'));
  return {
    applicationFolders: strings('sub_dirs') ?? strings('project_app_dirs') ?? usualApplicationFolders,
    dependencies: [...new Set(dependencies)],
    transforms: options.flatMap((option) => {
      const transform = tupleOf(option, 'parse_transform', 2)?.elements[1];
      return transform !== undefined && isAtom(transform) ? [transform.name] : [];
    }),
    includes: options.flatMap((option) => {
      const include = tupleOf(option, 'i', 2)?.elements[1];
      return (include && stringValue(include)) ?? [];
    }),
    needsRebar3: [
      'plugins',
      'project_plugins',
      'pre_hooks',
      'post_hooks',
      'provider_hooks',
      'port_specs',
    ].some((key) => elementsOf(valueOf(terms, key)).length > 0),
  };
}

/** The applications that the releases of a `rel/reltool.config` are made of, as they are written out in it. */
export function applicationsOfReltool(path: string): string[] {
  const sys = elementsOf(valueOf(termsIn(path), 'sys'));
  const listed = sys.flatMap((option) => {
    const applications = tupleOf(option, 'rel')?.elements[3];
    if (applications !== undefined) return elementsOf(applications).flatMap((each) => nameOf(each) ?? []);
    const [, name, properties] = tupleOf(option, 'app', 3)?.elements ?? [];
    const excluded = elementsOf(properties).some((property) => {
      const condition = tupleOf(property, 'incl_cond', 2)?.elements[1];
      return condition !== undefined && isAtom(condition, 'exclude');
    });
    return name !== undefined && isAtom(name) && !excluded ? [name.name] : [];
  });
  return [...new Set(listed)];
}

/** The applications of the releases in `relx`, of a `rebar.config` or a `relx.config`, also those of profiles. */
export function applicationsOfRelx(path: string): string[] {
  const found = new Set<string>();
  const visit = (properties: readonly Term[]): void => {
    for (const property of properties) {
      // {release, {Name, Vsn}, Applications}, with what it extends or with its own configuration beside them.
      const lists = (tupleOf(property, 'release')?.elements.slice(2) ?? []).map(elementsOf);
      for (const each of lists.find((elements) => elements.length > 0) ?? []) {
        const name = nameOf(each);
        if (name !== undefined) found.add(name);
      }
      visit(elementsOf(tupleOf(property, 'relx', 2)?.elements[1]));
      for (const profile of elementsOf(tupleOf(property, 'profiles', 2)?.elements[1])) {
        visit(elementsOf(tupleOf(profile, undefined, 2)?.elements[1]));
      }
    }
  };
  visit(termsIn(path));
  return [...found];
}

export function termsIn(path: string): readonly Term[] {
  try {
    return readTerms(readOrNothing(path, 1 << 20), path).terms;
  } catch {
    return [];
  }
}

/** The first `{key, Value}`, as in `proplists`. */
export function valueOf(properties: readonly Term[], key: string): Term | undefined {
  for (const property of properties) {
    const value = tupleOf(property, key, 2)?.elements[1];
    if (value !== undefined) return value;
  }
  return undefined;
}

export function elementsOf(term: Term | undefined): readonly Term[] {
  return (term && listElements(term)) ?? [];
}

/** `name`, or the first element of `{name, ...}`. */
function nameOf(term: Term): string | undefined {
  const name = term.kind === 'tuple' ? term.elements[0] : term;
  return name !== undefined && isAtom(name) ? name.name : undefined;
}
