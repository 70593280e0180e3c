import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { OtpError } from '../error';
import { errorCode } from '../error-code';
import { JsonMistakes } from '../policy/json-mistakes';
import { repeatedKeys } from '../policy/repeated-keys';

export type ProbeLanguage = 'erlang' | 'elixir';

/** A question to the node, in the words of the project. */
export interface Probe {
  /** As reports call it; the call itself unless given. */
  readonly name?: string;
  /** An expression, with or without a full stop. It fails by an exception. */
  readonly call: string;
  /** A pattern that its value has to match, with a guard where wanted (`N when N > 0`). */
  readonly expect?: string;
  readonly language?: ProbeLanguage;
}

/** What `rel/probes.json` holds. A text stands for a probe without a name and without an expectation. */
export interface Probes {
  /** Of the expressions that do not say it; unless given, Elixir for a release of mix and Erlang for all others. */
  readonly language?: ProbeLanguage;
  /** Modules of the project for the probes to call, `.erl`, `.ex` or `.exs`; absolute, or relative to the file. */
  readonly modules?: readonly string[];
  /** Each time the node has booted, before anything else: to give it a state. */
  readonly booted?: readonly (string | Probe)[];
  /** On the base, before anything is installed. */
  readonly before?: readonly (string | Probe)[];
  /** All the while, by several clients, from before the installation until the version is permanent. */
  readonly during?: readonly (string | Probe)[];
  /** When the new version runs: installed, made permanent, restarted. */
  readonly upgraded?: readonly (string | Probe)[];
  /** When the base runs again. */
  readonly downgraded?: readonly (string | Probe)[];
  /** In each version, after each step. */
  readonly always?: readonly (string | Probe)[];
  /** Regular expressions: log events at error level with such a text are expected. */
  readonly expectedErrors?: readonly string[];
}

export type Phase = 'booted' | 'before' | 'during' | 'upgraded' | 'downgraded' | 'always';

const phases: readonly Phase[] = ['booted', 'before', 'during', 'upgraded', 'downgraded', 'always'];

/** A probe with everything filled in. */
export interface NamedProbe {
  readonly name: string;
  readonly call: string;
  readonly expect: string | undefined;
  readonly language: ProbeLanguage | undefined;
}

export type ProbePlan = Readonly<Record<Phase, readonly NamedProbe[]>> & {
  readonly language: ProbeLanguage | undefined;
  /** Absolute, or relative to the working directory. */
  readonly modules: readonly string[];
  readonly expectedErrors: readonly RegExp[];
};

/**
 * Reads the probes of a project.
 * @throws OtpError (`probes`) with all mistakes
 */
export async function readProbes(file: string): Promise<ProbePlan> {
  return parseProbes(await readJson(file), file);
}

/** The files that probes consist of: the file itself and the modules that it names. Only itself when it cannot be read. */
export async function probeInputs(file: string): Promise<string[]> {
  try {
    return [file, ...(await readProbes(file)).modules].sort();
  } catch (error) {
    if (error instanceof OtpError) return [file];
    throw error;
  }
}

/**
 * @param file for messages, and for the paths of modules
 * @throws OtpError (`probes`) with every mistake, its place, what was expected and what was found
 */
export function parseProbes(json: unknown, file: string): ProbePlan {
  const mistakes = new JsonMistakes(file, 'probes');
  const top =
    mistakes.object(json, '', ['$schema', 'language', 'modules', 'expectedErrors', ...phases]) ?? {};
  const of = (phase: Phase): NamedProbe[] =>
    mistakes
      .list(top[phase], phase, 'probes')
      .flatMap((value, at) => probeOf(mistakes, value, `${phase}[${at}]`) ?? []);
  const modules = mistakes.texts(top['modules'], 'modules', 'paths of modules') ?? [];
  modules.forEach((path, at) => {
    if (['.erl', '.ex', '.exs'].includes(extname(path))) return;
    mistakes.expected(`modules[${at}]`, 'a path that ends in .erl, .ex or .exs', path);
  });
  const expectedErrors = (
    mistakes.texts(top['expectedErrors'], 'expectedErrors', 'regular expressions') ?? []
  ).flatMap((source, at) => {
    try {
      return [new RegExp(source)];
    } catch {
      mistakes.expected(`expectedErrors[${at}]`, 'a regular expression', source);
      return [];
    }
  });
  const plan: ProbePlan = {
    language: mistakes.oneOf(top['language'], 'language', ['erlang', 'elixir']),
    modules: modules.map((path) => join(dirname(file), path)),
    expectedErrors,
    booted: of('booted'),
    before: of('before'),
    during: of('during'),
    upgraded: of('upgraded'),
    downgraded: of('downgraded'),
    always: of('always'),
  };
  mistakes.throwIfAny();
  return plan;
}

function probeOf(mistakes: JsonMistakes, value: unknown, place: string): NamedProbe | undefined {
  if (typeof value === 'string') {
    const call = mistakes.text(value, place, 'an expression, such as "dummy_server:get_state()"');
    return call === undefined ? undefined : { name: call, call, expect: undefined, language: undefined };
  }
  const entries = mistakes.object(value, place, ['name', 'call', 'expect', 'language']);
  if (entries === undefined) return undefined;
  const call = mistakes.text(
    entries['call'],
    `${place}.call`,
    'an expression, such as "dummy_server:get_state()"',
  );
  const optional = (key: string, what: string): string | undefined =>
    entries[key] === undefined ? undefined : mistakes.text(entries[key], `${place}.${key}`, what);
  const name = optional('name', 'a text');
  const expect = optional('expect', 'a pattern, such as "{ok, _}"');
  const language = mistakes.oneOf(entries['language'], `${place}.language`, ['erlang', 'elixir'] as const);
  return call === undefined ? undefined : { name: name ?? call, call, expect, language };
}

async function readJson(file: string): Promise<unknown> {
  const wrong = (problem: string, cause?: unknown): OtpError =>
    new OtpError(problem, {
      code: 'probes',
      file,
      fix: 'Correct it; see docs/rehearsal.md for what it may hold.',
      cause,
    });
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw wrong('there is no such file of probes.', error);
    throw wrong(code === 'EISDIR' ? 'this is a folder.' : `it cannot be read: ${messageOf(error)}.`, error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON, which has no comments and no trailing commas: ${messageOf(error)}.`, error);
  }
  const repeated = repeatedKeys(text);
  if (repeated.length > 0) {
    throw wrong(`there more than once, where only the last would count: ${repeated.join(', ')}.`);
  }
  return json;
}

/** What was found wrong with JSON may quote lines of it. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
}
