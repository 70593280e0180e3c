import { dirname, relative } from 'node:path';
import { OtpError, type Position } from '../error';
import {
  atom,
  isAtom,
  listElements,
  printTerm,
  readTerms,
  stringValue,
  nil,
  tupleOf,
  type Term,
  type TermFile,
} from '../erlang';
import { readInput } from './read-input';

/** `rel/reltool.config`: reltool's `{sys, _}` and rebar's overlays. */
export interface ReltoolConfig {
  /** As messages name it. */
  readonly file: string;
  /** The folder of the file; paths in it are relative to this. */
  readonly folder: string;
  /** What `{sys, _}` holds. */
  readonly sys: Term;
  /** Of the release that `boot_rel` names. */
  readonly name: string;
  readonly version: string;
  /** Where rebar puts the release; sources of overlays that lie in it are files of the release. */
  readonly targetFolder: string;
  readonly overlayVariables: Placed<string> | undefined;
  readonly overlay: readonly Placed<OverlayCommand>[];
}

export interface Placed<T> {
  readonly value: T;
  readonly position: Position | undefined;
}

/** A command of rebar's `overlay`; paths may hold template variables. */
export type OverlayCommand =
  | { readonly kind: 'mkdir'; readonly to: string }
  | { readonly kind: 'copy'; readonly from: string; readonly to: string }
  | { readonly kind: 'template'; readonly from: string; readonly to: string }
  | { readonly kind: 'template_wildcard'; readonly from: string; readonly to: string }
  | { readonly kind: 'create'; readonly to: string; readonly content: string | Uint8Array }
  | {
      readonly kind: 'replace';
      readonly to: string;
      readonly pattern: string;
      readonly replacement: string;
      /** Options of `re:replace/4`. */
      readonly options: Term;
    };

/**
 * Reads a `reltool.config` and refuses what could not be upgraded hot.
 * @param path absolute
 * @param projectRoot messages name files relative to it
 * @throws OtpError `reltool-config` that names the line.
 */
export async function readReltoolConfig(path: string, projectRoot: string): Promise<ReltoolConfig> {
  const file = relative(projectRoot, path);
  const bytes = await readInput(path, file);
  if (bytes === undefined) {
    throw new OtpError('there is no such file.', {
      code: 'reltool-config',
      file,
      fix: 'A release is described by rel/reltool.config: {sys, [{rel, Name, Version, Applications}, {boot_rel, Name}, ...]}.',
    });
  }
  return parseReltoolConfig(readTerms(bytes, file), dirname(path));
}

/** As `readReltoolConfig`, of a file that is read already and lies in `folder`. */
export function parseReltoolConfig(terms: TermFile, folder: string): ReltoolConfig {
  const wrong: Wrong = (problem, where, fix) =>
    new OtpError(problem, {
      code: 'reltool-config',
      file: terms.file,
      ...(where !== undefined && { position: terms.positionOf(where) }),
      ...(fix !== undefined && { fix }),
    });
  const property = (key: string): Term | undefined => firstValue(terms.terms, key);
  const sys = property('sys');
  const options = sys && listElements(sys);
  if (sys === undefined || options === undefined)
    throw wrong('expected {sys, [...]}, the configuration of reltool.', sys);
  const { name, version } = bootRelease(options, sys, wrong);
  refuseStripped(options, wrong);
  if (options.some((option) => isAtom(tupleOf(option, 'excl_lib', 2)?.elements[1] ?? atom(''), 'otp_root'))) {
    throw wrong(
      'with {excl_lib, otp_root} the release has no erts and none of the applications of OTP.',
      options.find((option) => tupleOf(option, 'excl_lib')),
      'release_handler looks for them below the root of the release: remove {excl_lib, otp_root}.',
    );
  }
  const text = (key: string): Placed<string> | undefined => {
    const value = property(key);
    if (value === undefined) return undefined;
    const found = stringValue(value);
    if (found === undefined) throw wrong(`${key} must be a string.`, value);
    return { value: found, position: terms.positionOf(value) };
  };
  const overlay = property('overlay');
  const commands = overlay === undefined ? [] : listElements(overlay);
  if (commands === undefined) throw wrong('overlay must be a list of commands.', overlay);
  return {
    file: terms.file,
    folder,
    sys,
    name,
    version,
    targetFolder: text('target_dir')?.value ?? name,
    overlayVariables: text('overlay_vars'),
    overlay: commands.map((command) => ({
      value: overlayCommand(command, wrong),
      position: terms.positionOf(command),
    })),
  };
}

type Wrong = (problem: string, where: Term | undefined, fix?: string) => OtpError;

/** The value of the first `{key, Value}`. */
function firstValue(terms: readonly Term[], key: string): Term | undefined {
  for (const term of terms) {
    const value = tupleOf(term, key, 2)?.elements[1];
    if (value !== undefined) return value;
  }
  return undefined;
}

function bootRelease(options: readonly Term[], sys: Term, wrong: Wrong): { name: string; version: string } {
  const named = firstValue(options, 'boot_rel');
  const name = named && stringValue(named);
  if (name === undefined) {
    throw wrong(
      'the configuration does not say which release is booted.',
      named ?? sys,
      'Add {boot_rel, "NAME"}.',
    );
  }
  for (const option of options) {
    const [, itsName, version, applications] = tupleOf(option, 'rel')?.elements ?? [];
    if (itsName === undefined || stringValue(itsName) !== name) continue;
    const versionText = version && stringValue(version);
    if (versionText === undefined || versionText === '' || !/^[^\s/]+$/.test(versionText)) {
      throw wrong(
        `the version of release ${name} must be written out, and here is ${version === undefined ? 'none' : printTerm(version)}.`,
        version ?? option,
        `Write {rel, "${name}", "1.0.0", [...]}: a version from git or a command would differ from one checkout to the next.`,
      );
    }
    const listed = (applications && listElements(applications)) ?? [];
    const hasSasl = listed.some((each) =>
      isAtom(each.kind === 'tuple' ? (each.elements[0] ?? each) : each, 'sasl'),
    );
    if (!hasSasl) {
      throw wrong(
        `release ${name} does not start sasl, and release_handler, which installs upgrades, is part of it.`,
        option,
        `Add sasl to the applications of {rel, "${name}", "${versionText}", [...]}.`,
      );
    }
    return { name, version: versionText };
  }
  throw wrong(
    `boot_rel names release ${name}, and there is no {rel, "${name}", Version, Applications}.`,
    named,
  );
}

function refuseStripped(options: readonly Term[], wrong: Wrong): void {
  const applications = options.flatMap((option) => {
    const properties = tupleOf(option, 'app', 3)?.elements[2];
    return properties === undefined ? [] : (listElements(properties) ?? []);
  });
  const strip = [...options, ...applications].find((option) =>
    isAtom(tupleOf(option, 'debug_info', 2)?.elements[1] ?? atom(''), 'strip'),
  );
  if (strip !== undefined) {
    throw wrong(
      'stripped beams cannot be upgraded hot: they lose their attributes, and release_handler reads the vsn attribute.',
      strip,
      'Write {debug_info, keep}.',
    );
  }
}

function overlayCommand(command: Term, wrong: Wrong): OverlayCommand {
  const [tag, ...args] = command.kind === 'tuple' ? command.elements : [];
  const kind = tag !== undefined && isAtom(tag) ? tag.name : undefined;
  const path = (at: number): string => {
    const term = args[at];
    const found = term && stringValue(term);
    if (found === undefined) throw wrong(`${printTerm(command)}: a path is a string.`, term ?? command);
    return found;
  };
  const count = args.length;
  if (kind === 'mkdir' && count === 1) return { kind, to: path(0) };
  if (kind === 'copy' && count === 1) return { kind, from: path(0), to: '' };
  if ((kind === 'copy' || kind === 'template' || kind === 'template_wildcard') && count === 2) {
    return { kind, from: path(0), to: path(1) };
  }
  if (kind === 'create' && count === 2) {
    const content = args[1] && contentOf(args[1]);
    if (content === undefined) throw wrong('the content of a file is a string or a binary.', args[1]);
    return { kind, to: path(0), content };
  }
  if (kind === 'replace' && (count === 3 || count === 4)) {
    return { kind, to: path(0), pattern: path(1), replacement: path(2), options: args[3] ?? nil };
  }
  throw wrong(
    `there is no such overlay command: ${printTerm(command)}.`,
    command,
    'There are {mkdir, To}, {copy, From}, {copy, From, To}, {template, From, To}, {template_wildcard, From, To}, {create, To, Content} and {replace, In, Regex, Replacement}.',
  );
}

function contentOf(term: Term): string | Uint8Array | undefined {
  return term.kind === 'binary' ? term.bytes : stringValue(term);
}
