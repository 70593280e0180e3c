import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from './project-files';
import { versionFromGit, type TaskInputs } from './task-inputs';

/**
 * What build files read beside files, as far as they say so in words: variables of the environment, and the version that
 * git tells. What `config/runtime.exs` reads is no matter: a node does that.
 * @param folders of the project and of its applications, absolute
 */
export function readByBuild(tool: 'mix' | 'rebar3', folders: readonly string[]): TaskInputs {
  const texts = folders.flatMap((folder) => buildFiles[tool](folder)).map(readText);
  const names = new Set(texts.flatMap((text) => [...text.matchAll(variable)].map(([, name]) => name ?? '')));
  return [
    ...[...names].sort().map((env) => ({ env })),
    ...(texts.some((text) => gitVersion.test(text)) ? [versionFromGit()] : []),
  ];
}

/** By a name that is written out: Elixir's `System`, and `os:getenv`, from Elixir too. */
const variable = /\b(?:System\.(?:get_env|fetch_env!?)|os[:.]getenv)\s*\(?\s*(?:~c)?["']([A-Za-z_]\w*)["']/g;

/** `{vsn, git}`, `{release, {Name, semver}, ...}`, `{vsn, {git, short}}`, and calls of git itself. */
const gitVersion =
  /,\s*"?(?:git|semver)"?\s*\}|\{git\s*,\s*(?:short|long)\b|\bgit\s+(?:describe|rev-parse|log|tag)\b|\bcmd\(\s*"git"/;

const buildFiles: Readonly<Record<'mix' | 'rebar3', (folder: string) => string[]>> = {
  mix: (folder) => [
    join(folder, 'mix.exs'),
    ...filesIn(join(folder, 'config'), /\.exs$/).filter((file) => !file.endsWith('runtime.exs')),
  ],
  rebar3: (folder) => [
    ...['rebar.config', 'rebar.config.script', 'relx.config'].map((file) => join(folder, file)),
    ...applicationsIn(folder).flatMap((application) =>
      filesIn(join(application, 'src'), /\.app\.src(?:\.script)?$/),
    ),
  ],
};

/** Those of an umbrella need no build files of their own. */
function applicationsIn(folder: string): string[] {
  return [folder, ...['apps', 'lib'].flatMap((place) => filesIn(join(folder, place), /^[^.]/))];
}

function filesIn(folder: string, name: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => name.test(file))
      .sort()
      .map((file) => join(folder, file));
  } catch {
    // Most have no such folder.
    return [];
  }
}
