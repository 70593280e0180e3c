import { join, posix } from 'node:path';
import { OtpError } from '../error';
import { isAtom, listElements, readTerms, stringValue, tupleOf, type Term, type TermFile } from '../erlang';
import { usualApplicationFolders } from './application-folders';
import { readInput } from './read-input';

/** What a `rebar.config` says about compiling; of the rest, `notHonoured` names what would change the result. */
export interface RebarConfig {
  readonly file: string;
  readonly isThere: boolean;
  /** `sub_dirs`; undefined when the file names none. */
  readonly subFolders: readonly string[] | undefined;
  /** `project_app_dirs`, where rebar3 expects applications. */
  readonly applicationFolders: readonly string[];
  readonly compilerOptions: readonly Term[];
  /** `erl_first_files`: sources that are compiled before all others, relative to the application. */
  readonly firstFiles: readonly string[];
  readonly notHonoured: readonly string[];
}

export const noRebarConfig: RebarConfig = {
  file: '',
  isThere: false,
  subFolders: undefined,
  applicationFolders: usualApplicationFolders,
  compilerOptions: [],
  firstFiles: [],
  notHonoured: [],
};

const keysNotHonoured = [
  'pre_hooks',
  'post_hooks',
  'port_specs',
  'plugins',
  'provider_hooks',
  'mib_first_files',
];

/**
 * Reads `FOLDER/rebar.config`; an absent file says nothing.
 * @param projectRoot messages name the file relative to it
 * @throws OtpError `rebar-config` that names the line.
 */
export async function readRebarConfig(projectRoot: string, folder: string): Promise<RebarConfig> {
  const file = posix.join(folder, 'rebar.config');
  const bytes = await readInput(join(projectRoot, file), file);
  if (bytes === undefined) {
    return { ...noRebarConfig, file };
  }
  const terms = readTerms(bytes, file);
  const subFolders = property(terms, 'sub_dirs');
  const options = property(terms, 'erl_opts');
  const firstFiles = property(terms, 'erl_first_files');
  const applicationFolders = property(terms, 'project_app_dirs');
  return {
    file,
    isThere: true,
    subFolders: subFolders && strings(terms, subFolders, 'sub_dirs'),
    applicationFolders:
      applicationFolders === undefined
        ? usualApplicationFolders
        : strings(terms, applicationFolders, 'project_app_dirs'),
    compilerOptions: options === undefined ? [] : elements(terms, options, 'erl_opts'),
    firstFiles: firstFiles === undefined ? [] : strings(terms, firstFiles, 'erl_first_files'),
    notHonoured: keysNotHonoured.filter((key) => property(terms, key) !== undefined),
  };
}

/** The value of `{key, Value}`, the first as in `proplists`. */
function property(file: TermFile, key: string): Term | undefined {
  for (const term of file.terms) {
    const value = tupleOf(term, key, 2)?.elements[1];
    if (value !== undefined) return value;
  }
  return undefined;
}

function elements(file: TermFile, value: Term, key: string): readonly Term[] {
  const found = listElements(value);
  if (found === undefined) throw wrong(file, value, `${key} must be a list.`);
  return found;
}

function strings(file: TermFile, value: Term, key: string): readonly string[] {
  return elements(file, value, key).map((element) => {
    const text = isAtom(element) ? element.name : stringValue(element);
    if (text === undefined) throw wrong(file, element, `${key} must be a list of strings.`);
    return text;
  });
}

function wrong(file: TermFile, where: Term, problem: string): OtpError {
  return new OtpError(problem, { code: 'rebar-config', file: file.file, position: file.positionOf(where) });
}
