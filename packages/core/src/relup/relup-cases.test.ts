import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAppup, type Appup } from '../appup/appup-file';
import { isAtom, listElements, printTerm, readFirstTerm, type Term } from '../erlang';
import { OtpError } from '../error';
import { parseAppFile } from '../release/app-file';
import type { ApplicationInRelease, ApplicationResource, ReleaseDescription } from '../release/model';
import { parseRelFile } from '../release/rel-file';
import { makeRelup } from './make-relup';
import { relupToTerm } from './relup';

const folder = join(__dirname, '../../test/relup-cases');

/** A release that names an application that is not there: who reads releases refuses it, there is nothing to describe. */
const missingApplication = 'e37_app_not_found';

/** Errors that are ours by another name: what systools calls a problem with a file, or crashes on. */
const ownNames: Readonly<Record<string, string>> = {
  e28_appup_parse: 'term-syntax',
  e31_appup_no_dot: 'term-syntax',
  e32_appup_expr: 'term-syntax',
  e33_bad_regex: 'bad-version-pattern',
  e34_script_not_list: 'file_problem',
  e50_appl_vsn_not_str: 'rel-file',
};

describe('runs of systools:make_relup/4', () => {
  for (const name of readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== missingApplication)
    .map((entry) => entry.name)) {
    const [outcome, second, third, fourth] = elements(read(join(name, 'result.term')));
    if (outcome !== undefined && isAtom(outcome, 'ok')) {
      it(`gives the relup of ${name}`, () => {
        const { relup, problems, diagnostics } = make(name);
        expect(problems).toEqual([]);
        expect(relup === undefined ? undefined : printTerm(relupToTerm(relup))).toBe(printed(second));
        const warnings = elements(fourth).map((warning) => nameOf(warning));
        expect([...new Set(diagnostics.map(({ kind }) => kind))]).toEqual([...new Set(warnings)]);
      });
    } else if (nameOf(third) === 'warnings_treated_as_errors') {
      it(`warns in ${name}`, () => {
        const { diagnostics } = make(name);
        const [, warnings] = elements(third);
        expect(diagnostics.map(({ kind }) => kind)).toEqual([...new Set(elements(warnings).map(nameOf))]);
      });
    } else {
      const kind = ownNames[name] ?? nameOf(third);
      it(`refuses ${name} as ${kind}`, () => {
        expect(refusals(name)).toContain(kind);
      });
    }
  }
});

function refusals(name: string): readonly string[] {
  try {
    const { relup, problems } = make(name);
    expect(relup).toBeUndefined();
    return problems.map(({ kind }) => kind);
  } catch (error) {
    if (error instanceof OtpError) return [error.code];
    throw error;
  }
}

function make(name: string) {
  const appups = new Map<string, Appup>();
  const apps = [...applicationFiles(name, 'new'), ...applicationFiles(name, 'old')];
  for (const { application, file, tree } of apps.filter(({ file }) => file.endsWith('.appup'))) {
    if (tree === 'new') appups.set(application, parseAppup(readFirstTerm(readFileSync(file), file), file));
  }
  const resources = apps
    .filter(({ file }) => file.endsWith('.app'))
    .map(({ file }) => parseAppFile(readFirstTerm(readFileSync(file), file)));
  const options = optionalRead(join(name, 'opts.term'));
  return makeRelup({
    next: release(join(name, 'new.rel'), resources),
    previous: [{ release: release(join(name, 'old.rel'), resources) }],
    appups: (application) => appups.get(application),
    options: {
      order: 'otp',
      restartEmulator: elements(options).some((option) => isAtom(option, 'restart_emulator')),
    },
  });
}

function release(file: string, resources: readonly ApplicationResource[]): ReleaseDescription {
  const path = join(folder, file);
  const relFile = parseRelFile(readFirstTerm(readFileSync(path), path));
  return {
    ...relFile,
    relFile: file,
    applications: relFile.applications.map(
      ({ name, version, startType, includedApplications }): ApplicationInRelease => {
        const named = [...resources, ...otpResources].filter((resource) => resource.name === name);
        const resource = named.find((resource) => resource.version === version) ?? named[0];
        // As release reading has it: what is not there cannot be described.
        if (resource === undefined)
          throw new OtpError(`${name}.app is not there.`, { code: 'error_reading' });
        return {
          name,
          version,
          startType,
          includedApplications: includedApplications ?? resource.includedApplications,
          resource,
        };
      },
    ),
  };
}

/** Only what the cases depend on: their versions are those of the OTP that answered. */
const otpResources: readonly ApplicationResource[] = [
  ['kernel', '8.5.3', []],
  ['stdlib', '4.2', ['kernel']],
  ['sasl', '4.2', ['kernel', 'stdlib']],
].map(([name, version, applications]) =>
  parseAppFile(
    readFirstTerm(
      `{application, ${String(name)}, [{description, ""}, {vsn, "${String(version)}"}, {modules, []}, {registered, []},
      {applications, [${String(applications)}]}]}.`,
      `${String(name)}.app`,
    ),
  ),
);

function applicationFiles(
  name: string,
  tree: 'new' | 'old',
): { application: string; file: string; tree: 'new' | 'old' }[] {
  const root = join(folder, name, tree);
  return readdirSync(root).flatMap((library) =>
    readdirSync(join(root, library, 'ebin')).map((file) => ({
      application: file.replace(/\.appu?p?$/, ''),
      file: join(root, library, 'ebin', file),
      tree,
    })),
  );
}

function read(file: string): Term {
  const path = join(folder, file);
  return readFirstTerm(readFileSync(path), path).term;
}

function optionalRead(file: string): Term | undefined {
  const [directory = '', name] = file.split('/');
  return readdirSync(join(folder, directory)).includes(name ?? '') ? read(file) : undefined;
}

function elements(term: Term | undefined): readonly Term[] {
  return (term?.kind === 'tuple' ? term.elements : term && listElements(term)) ?? [];
}

/** The atom that names an error or a warning: `undef_module` of `{undef_module, M}`, in a list that of the first. */
function nameOf(term: Term | undefined): string {
  if (term?.kind === 'atom') return term.name;
  return term === undefined ? 'unknown' : nameOf(elements(term)[0]);
}

function printed(term: Term | undefined): string | undefined {
  return term === undefined ? undefined : printTerm(term);
}
