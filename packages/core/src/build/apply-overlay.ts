import { chmod, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { OtpError, type Position } from '../error';
import { binary, list, listElements, readTerms, string, tuple, tupleOf } from '../erlang';
import { errorCode } from '../error-code';
import { loadGlob } from '../load-glob';
import { overlayValue, renderTemplate, type OverlayValue, type OverlayVariables } from './overlay-template';
import type { OverlayCommand, ReltoolConfig } from './reltool-config';
import { runErlang } from './run-erlang';

/** Where an overlay goes. All paths are absolute. */
export interface OverlayTarget {
  /** The folder in which the release is being made. */
  readonly made: string;
  /** The folder in which it will lie: `{{target_dir}}`. */
  readonly path: string;
  /** Such as `13.1.5`. */
  readonly ertsVersion: string;
  readonly signal?: AbortSignal;
}

/**
 * Carries out the commands of rebar's `overlay`, in their order, as `rebar_reltool:execute_overlay/4` does. Unlike there, a
 * symbolic link is copied as what it points to, and the folder for a copied folder need not exist.
 * @throws OtpError `overlay` that names the line of the command; those of `renderTemplate`.
 */
export async function applyOverlay(config: ReltoolConfig, target: OverlayTarget): Promise<void> {
  const variables = await overlayVariables(config, target);
  for (const { value: command, position } of config.overlay) {
    const step: Step = { config, target, variables, position };
    try {
      await execute(command, step);
    } catch (error) {
      if (error instanceof OtpError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw wrong(`${command.kind} failed: ${reason}.`, step, undefined, error);
    }
  }
}

interface Step {
  readonly config: ReltoolConfig;
  readonly target: OverlayTarget;
  readonly variables: OverlayVariables;
  readonly position: Position | undefined;
}

async function execute(command: OverlayCommand, step: Step): Promise<void> {
  switch (command.kind) {
    case 'mkdir':
      await mkdir(destination(command.to, step), { recursive: true });
      return;
    case 'copy':
      await copy(command.from, command.to, step);
      return;
    case 'template':
      await template(source(command.from, step), destination(command.to, step), step);
      return;
    case 'template_wildcard': {
      const to = destination(command.to, step);
      for (const from of await matches(command.from, step))
        await template(from, join(to, basename(from)), step);
      return;
    }
    case 'create': {
      const to = destination(command.to, step);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, command.content);
      return;
    }
    case 'replace':
      await replace(command, step);
      return;
  }
}

async function copy(fromPath: string, toPath: string, step: Step): Promise<void> {
  const to = destination(toPath, step);
  const several = isPattern(fromPath);
  const sources = several ? await matches(fromPath, step) : [source(fromPath, step)];
  for (const from of sources) {
    await found(from, step);
    // As cp: into a folder that is there, else to that name.
    const into = several || (await isFolder(to));
    const place = into ? join(to, basename(from)) : to;
    await mkdir(dirname(place), { recursive: true });
    await cp(from, place, { recursive: true, dereference: true });
  }
}

async function template(from: string, to: string, step: Step): Promise<void> {
  await found(from, step);
  const file = display(from, step);
  const bytes = await readFile(from);
  const rendered = renderTemplate(decode(bytes, file), step.variables, { file });
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, rendered);
  await chmod(to, (await stat(from)).mode & 0o777);
}

async function replace(command: OverlayCommand & { kind: 'replace' }, step: Step): Promise<void> {
  const path = destination(command.to, step);
  await found(path, step);
  const replacement = rendered(command.replacement, step);
  // OTP's regular expressions are not JavaScript's.
  const { term } = await runErlang({
    module: 'nx_otp_replace',
    folder: step.config.folder,
    request: async () =>
      tuple(
        binary(await readFile(path)),
        string(command.pattern),
        binary(Buffer.from(replacement)),
        list(listElements(command.options) ?? [command.options]),
      ),
    ...(step.target.signal !== undefined && { signal: step.target.signal }),
  });
  const [, result] = tupleOf(term, undefined, 2)?.elements ?? [];
  if (result?.kind !== 'binary') throw wrong('replace gave no text.', step);
  if (tupleOf(term, 'ok') === undefined)
    throw wrong(`replace: ${new TextDecoder().decode(result.bytes)}.`, step);
  await writeFile(path, result.bytes);
}

async function overlayVariables(config: ReltoolConfig, target: OverlayTarget): Promise<OverlayVariables> {
  const variables = new Map<string, OverlayValue>([
    ['erts_vsn', `erts-${target.ertsVersion}`],
    ['rel_vsn', config.version],
    ['target_dir', target.path],
  ]);
  if (config.overlayVariables === undefined) return variables;
  const step: Step = { config, target, variables, position: config.overlayVariables.position };
  const path = resolve(config.folder, config.overlayVariables.value);
  await found(path, step);
  const file = readTerms(await readFile(path), display(path, step));
  for (const term of file.terms) {
    const [key, value] = tupleOf(term, undefined, 2)?.elements ?? [];
    const read = value && overlayValue(value);
    if (key?.kind !== 'atom' || read === undefined) {
      throw new OtpError(
        'a variable is {name, Value}, and its value a string, an atom, a number, a binary or {list, [...]}.',
        {
          code: 'overlay',
          file: file.file,
          position: file.positionOf(term),
        },
      );
    }
    variables.set(key.name, read);
  }
  // A value may name other variables, once, as rebar_templater:resolve_variables/2 has it.
  for (const [name, value] of [...variables]) {
    if (typeof value === 'string') variables.set(name, renderTemplate(value, variables, { file: file.file }));
  }
  return variables;
}

function rendered(text: string, step: Step): string {
  return renderTemplate(text, step.variables, {
    file: step.config.file,
    ...(step.position !== undefined && { position: step.position }),
  });
}

/** The absolute path of a file that a command reads. */
function source(path: string, step: Step): string {
  const absolute = resolve(step.config.folder, rendered(path, step));
  // rebar's own template copies start_clean.boot out of the release that it has just made.
  for (const folder of [step.target.path, resolve(step.config.folder, step.config.targetFolder)]) {
    const inside = relative(folder, absolute);
    if (!isOutside(inside)) return join(step.target.made, inside);
  }
  return absolute;
}

/** The absolute path of what a command writes. */
function destination(path: string, step: Step): string {
  const text = rendered(path, step);
  // As filename:join/2, but for the release itself, whose folder has another name until it is complete.
  const inRelease = text.startsWith(step.target.path + sep) ? relative(step.target.path, text) : text;
  const absolute = resolve(step.target.made, inRelease);
  if (isOutside(relative(step.target.made, absolute))) {
    throw wrong(
      `${text} is not inside of the release.`,
      step,
      'Overlays go to paths relative to the release.',
    );
  }
  return absolute;
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}

function isPattern(path: string): boolean {
  return /[*?[]/.test(path.replace(/\{\{.*?\}\}/g, ''));
}

async function matches(path: string, step: Step): Promise<string[]> {
  const pattern = rendered(path, step);
  // Only the pattern itself is one: the folders above may have any name.
  const [cwd, inside] = patternFolder(pattern, step);
  const glob = await loadGlob();
  const found = await glob(inside, { cwd, onlyFiles: false, absolute: true });
  if (found.length === 0) throw wrong(`nothing matches ${display(join(cwd, inside), step)}.`, step);
  return found.sort();
}

function patternFolder(pattern: string, { config, target }: Step): [folder: string, inside: string] {
  for (const folder of [target.path, config.targetFolder]) {
    if (pattern.startsWith(folder + sep)) return [target.made, pattern.slice(folder.length + 1)];
  }
  const { root } = parse(pattern);
  return root === '' ? [config.folder, pattern] : [root, pattern.slice(root.length)];
}

async function found(path: string, step: Step): Promise<void> {
  await stat(path).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
    throw wrong(
      `there is no ${display(path, step)}.`,
      step,
      'Paths are relative to the folder of the configuration.',
    );
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** A path as the reader of a message knows it. */
function display(path: string, { config, target }: Step): string {
  const inRelease = relative(target.made, path);
  if (!isOutside(inRelease)) return `${inRelease} in the release`;
  return join(dirname(config.file), relative(config.folder, path));
}

function decode(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new OtpError('a template must be text in UTF-8.', {
      code: 'overlay',
      file,
      fix: 'Use copy for other files.',
    });
  }
}

function wrong(problem: string, step: Step, fix?: string, cause?: unknown): OtpError {
  return new OtpError(problem, {
    code: 'overlay',
    file: step.config.file,
    ...(step.position !== undefined && { position: step.position }),
    ...(fix !== undefined && { fix }),
    cause,
  });
}
