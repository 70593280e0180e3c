import { posix } from 'node:path';
import { OtpError } from '../error';
import {
  atom,
  isAtom,
  list,
  listElements,
  nil,
  printTerm,
  printTermFile,
  string,
  stringValue,
  tuple,
  tupleOf,
  type Term,
  type TermFile,
} from '../erlang';

/** An application resource file as it is written by hand, `src/NAME.app.src`. */
export interface ResourceSource {
  /** Relative to the project's root. */
  readonly file: string;
  readonly name: string;
  readonly version: string;
  /** `applications` and `included_applications`. */
  readonly dependencies: readonly string[];
  readonly properties: readonly (readonly [key: string, value: Term])[];
}

/**
 * Reads `{application, Name, [{Key, Value}]}`.
 * @throws OtpError `app-src` that names the line.
 */
export function parseResourceSource(source: TermFile): ResourceSource {
  const wrong = (problem: string, where: Term | undefined, fix?: string): OtpError =>
    new OtpError(problem, {
      code: 'app-src',
      file: source.file,
      ...(where !== undefined && { position: source.positionOf(where) }),
      ...(fix !== undefined && { fix }),
    });
  const [term] = source.terms;
  const [, name, propertyList] = (term && tupleOf(term, 'application', 3)?.elements) ?? [];
  const elements = propertyList && listElements(propertyList);
  if (name === undefined || !isAtom(name) || elements === undefined) {
    throw wrong('expected {application, Name, [{Key, Value}, ...]}.', term);
  }
  const expected = posix.basename(source.file, '.app.src');
  if (name.name !== expected) {
    throw wrong(
      `the application is called ${name.name}, and its file ${expected}.app.src.`,
      name,
      'They must be the same.',
    );
  }
  const properties = elements.map((element): readonly [string, Term] => {
    const [key, value] = tupleOf(element, undefined, 2)?.elements ?? [];
    if (key === undefined || !isAtom(key) || value === undefined) {
      throw wrong('a property of an application is {Key, Value}.', element);
    }
    return [key.name, value];
  });
  const values = new Map([...properties].reverse());
  const version = values.get('vsn');
  if (version === undefined) throw wrong('the application has no version.', term, 'Add {vsn, "1.0.0"}.');
  const versionText = stringValue(version);
  if (versionText === undefined || versionText === '') {
    throw wrong(
      `the version must be written out, and here is ${printTerm(version)}.`,
      version,
      'Write {vsn, "1.0.0"}: a version from git or a command would differ from one checkout to the next.',
    );
  }
  const names = (key: string): string[] => {
    const value = values.get(key);
    const listed = value === undefined ? [] : listElements(value);
    return (listed ?? [value ?? nil]).map((element) => {
      if (!isAtom(element)) throw wrong(`${key} must be a list of atoms.`, element);
      return element.name;
    });
  };
  if (!values.has('applications')) {
    throw wrong(
      'the application does not say which others it needs.',
      term,
      'Add {applications, [kernel, stdlib]}.',
    );
  }
  names('registered');
  return {
    file: source.file,
    name: name.name,
    version: versionText,
    dependencies: [...names('applications'), ...names('included_applications')],
    properties,
  };
}

/**
 * The text of `ebin/NAME.app`: the properties as written, with the modules that were compiled, sorted, and with the
 * empty values that systools demands (`systools_make:parse_application/4`).
 */
export function resourceFile(source: ResourceSource, modules: readonly string[]): string {
  const compiled = list([...modules].sort().map(atom));
  const properties = source.properties.filter(([key], at) => {
    return key !== 'modules' || source.properties.findIndex(([other]) => other === key) === at;
  });
  const missing = (
    [
      ['description', string('')],
      ['modules', compiled],
      ['registered', nil],
    ] as const
  ).filter(([key]) => !properties.some(([other]) => other === key));
  const entries = [...properties, ...missing].map(([key, value]) => {
    return tuple(atom(key), key === 'modules' ? compiled : value);
  });
  return printTermFile([tuple(atom('application'), atom(source.name), list(entries))]);
}
