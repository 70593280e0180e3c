import { OtpError } from '../error';
import { isNil, list, listElements, stringValue, tupleOf, type Term, type TermFile } from '../erlang';
import { quoteName } from './member-path';
import type { ApplicationResource } from './model';
import { atomNames } from './rel-file';
import { refusedName } from './resource-name';

/**
 * Reads an application resource file, `{application, Name, [{Key, Value}]}`, with the checks and defaults of
 * `systools_make:parse_application/4`. Only the first term of the file counts.
 * @throws OtpError (`app-file`) that names the file, the line and the key.
 */
export function parseAppFile(file: TermFile): ApplicationResource {
  const [term] = file.terms;
  const wrong = (what: string, where: Term | undefined): OtpError =>
    new OtpError(what, {
      code: 'app-file',
      file: file.file,
      position: where === undefined ? undefined : file.positionOf(where),
      fix: 'Correct it where it is made: mostly NAME.app.src.',
    });
  const [, nameTerm, properties] = (term && tupleOf(term, 'application', 3)?.elements) ?? [];
  if (nameTerm === undefined || properties === undefined) {
    throw wrong('this is not an application resource file, {application, Name, [{Key, Value}, ...]}.', term);
  }
  if (nameTerm.kind !== 'atom') throw wrong('the name of the application must be an atom.', nameTerm);
  const check = (what: string, text: string, where: Term | undefined): void => {
    const refused = refusedName(text);
    if (refused !== undefined) throw wrong(`${what} ${quoteName(text)} ${refused}.`, where);
  };
  check('the name of the application', nameTerm.name, nameTerm);
  const values = new Map<string, Term>();
  for (const property of listElements(properties) ?? [properties]) {
    const [key, value] = property.kind === 'tuple' && property.elements.length === 2 ? property.elements : [];
    if (key?.kind !== 'atom' || value === undefined) {
      throw wrong(`the properties of application ${nameTerm.name} must be a list of {Key, Value}.`, property);
    }
    // As lists:keysearch: the first of several counts.
    if (!values.has(key.name)) values.set(key.name, value);
  }

  function property<T>(key: string, read: (term: Term) => T | undefined, shape: string, absent?: T): T {
    const value = values.get(key);
    if (value === undefined) {
      if (absent !== undefined) return absent;
      throw wrong(`application ${nameText} has no ${key}: it needs {${key}, ${shape}}.`, term);
    }
    const result = read(value);
    if (result === undefined) throw wrong(`${key} of application ${nameText} must be ${shape}.`, value);
    return result;
  }
  const nameText = nameTerm.name;
  const atomList = 'a list of atoms';
  const aString = 'a string';
  const version = property('vsn', stringValue, aString);
  check(`the version of application ${nameText}`, version, values.get('vsn'));

  return {
    name: nameTerm.name,
    version,
    description: property('description', stringValue, aString),
    modules: property('modules', atomNames, atomList),
    registered: property('registered', atomNames, atomList),
    applications: property('applications', atomNames, atomList),
    optionalApplications: property('optional_applications', atomNames, atomList, []),
    includedApplications: property('included_applications', atomNames, atomList, []),
    env: property(
      'env',
      (value) => (listElements(value) === undefined ? undefined : value),
      'a list',
      list([]),
    ),
    mod: startModule(values.get('mod'), wrong),
    properties,
  };
}

function startModule(
  term: Term | undefined,
  wrong: (what: string, where: Term | undefined) => OtpError,
): ApplicationResource['mod'] {
  if (term === undefined || isNil(term)) return undefined;
  const [module, args] = term.kind === 'tuple' && term.elements.length === 2 ? term.elements : [];
  if (module?.kind !== 'atom' || args === undefined) throw wrong('mod must be {Module, Args}.', term);
  return { module: module.name, args };
}
