import { OtpError } from '../error';
import { listElements, stringValue, tupleOf, type Term, type TermFile } from '../erlang';
import { quoteName } from './member-path';
import type { StartType } from './model';
import { refusedName } from './resource-name';

/** A release resource file, as `systools_make:check_rel1/1` reads it. */
export interface RelFile {
  readonly name: string;
  readonly version: string;
  readonly ertsVersion: string;
  /** In the order of the file. */
  readonly applications: readonly RelApplication[];
}

export interface RelApplication {
  readonly name: string;
  readonly version: string;
  readonly startType: StartType;
  /** Where the `.rel` gives a list, it replaces the `.app`'s. */
  readonly includedApplications: readonly string[] | undefined;
}

const startTypes: readonly StartType[] = ['permanent', 'transient', 'temporary', 'load', 'none'];

/**
 * Reads `{release, {Name, Vsn}, {erts, ErtsVsn}, [Application]}` from the first term of a `.rel` file.
 * @param folder `VSN` of the `releases/VSN` that it lies in, where one of another version (`start_clean.rel`) is
 *   dropped: the names in such a one are not checked
 * @throws OtpError (`rel-file`) that names the file, the line and what was expected there.
 */
export function parseRelFile(file: TermFile, folder?: string): RelFile {
  const [term] = file.terms;
  const wrong = (what: string, where: Term | undefined): OtpError =>
    new OtpError(what, {
      code: 'rel-file',
      file: file.file,
      position: where && file.positionOf(where),
      fix: 'A release resource file is {release, {"NAME", "VSN"}, {erts, "ERTS-VSN"}, [{application, "VSN"}, ...]}.',
    });
  const [, nameAndVersion, erts, applications] = (term && tupleOf(term, 'release', 4)?.elements) ?? [];
  if (nameAndVersion === undefined || erts === undefined || applications === undefined) {
    throw wrong('this is not a release resource file.', term);
  }
  const [name, version] = stringPair(nameAndVersion) ?? [];
  if (name === undefined || version === undefined) {
    throw wrong(
      'the second element must be the name and the version of the release, {"NAME", "VSN"}.',
      nameAndVersion,
    );
  }
  const ertsTerm = tupleOf(erts, 'erts', 2)?.elements[1];
  const ertsVersion = ertsTerm && stringValue(ertsTerm);
  if (ertsVersion === undefined) throw wrong('the third element must be {erts, "ERTS-VSN"}.', erts);
  const elements = listElements(applications);
  if (elements === undefined)
    throw wrong('the fourth element must be the list of applications.', applications);
  const checked = folder === undefined || folder === version;
  const check = (what: string, text: string, where: Term): void => {
    const refused = checked ? refusedName(text) : undefined;
    if (refused !== undefined) throw wrong(`${what} ${quoteName(text)} ${refused}.`, where);
  };
  check('the name of the release', name, nameAndVersion);
  check('the version of the release', version, nameAndVersion);
  check('the version of erts', ertsVersion, erts);
  const names = new Set<string>();
  return {
    name,
    version,
    ertsVersion,
    applications: elements.map((element) => {
      const application = parseRelApplication(element);
      if (application === undefined) {
        throw wrong(
          'an application must be {Name, "Vsn"}, optionally followed by its start type and a list of included applications.',
          element,
        );
      }
      check('the name of an application', application.name, element);
      check('the version of an application', application.version, element);
      if (names.has(application.name))
        throw wrong(`the application ${application.name} stands in it twice.`, element);
      names.add(application.name);
      return application;
    }),
  };
}

function parseRelApplication(term: Term): RelApplication | undefined {
  if (term.kind !== 'tuple') return undefined;
  const [nameTerm, versionTerm, ...rest] = term.elements;
  if (nameTerm?.kind !== 'atom' || versionTerm === undefined || rest.length > 2) return undefined;
  const version = stringValue(versionTerm);
  if (version === undefined) return undefined;
  let startType: StartType = 'permanent';
  let includedApplications: readonly string[] | undefined;
  for (const [index, term] of rest.entries()) {
    const asType = term.kind === 'atom' ? startTypes.find((type) => type === term.name) : undefined;
    if (asType !== undefined && index === 0) {
      startType = asType;
      continue;
    }
    includedApplications = atomNames(term);
    if (includedApplications === undefined || index < rest.length - 1) return undefined;
  }
  return { name: nameTerm.name, version, startType, includedApplications };
}

function stringPair(term: Term): [string, string] | undefined {
  if (term.kind !== 'tuple' || term.elements.length !== 2) return undefined;
  const [first, second] = term.elements.map((element) => stringValue(element));
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** The names in a proper list of atoms; undefined for anything else. */
export function atomNames(term: Term): readonly string[] | undefined {
  const names: string[] = [];
  for (const element of listElements(term) ?? [undefined]) {
    if (element?.kind !== 'atom') return undefined;
    names.push(element.name);
  }
  return names;
}
