import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeScratchWorkspace, type ScratchWorkspace } from '../tools/scratch-workspace.mjs';
import { succeeding } from './support/dummy-workspace.js';
import { mixSources, relxSources, writeFiles } from './support/other-layouts.js';

const library = (answer: string): Record<string, string> => ({
  'rebar.config': '{erl_opts, [debug_info]}.\n',
  'src/library.app.src':
    '{application, library, [{vsn, "1"}, {registered, []}, {applications, [kernel, stdlib]}]}.\n',
  'src/library.erl': `-module(library).\n-export([answer/0]).\nanswer() -> ${answer}.\n`,
});

const mixLibrary = (answer: string): Record<string, string> => ({
  'mix.exs':
    'defmodule Words.MixProject do\n  use Mix.Project\n  def project, do: [app: :words, version: "1.0.0"]\nend\n',
  'lib/words.ex': `defmodule Words do\n  def answer, do: ${answer}\nend\n`,
});

let workspace: ScratchWorkspace;
const at = (...path: string[]): string => join(workspace.folder, ...path);

beforeAll(async () => {
  workspace = await makeScratchWorkspace('outside');
  writeFiles(workspace.folder, {
    'nx.json': '{ "plugins": ["nx-otp"], "analytics": false, "neverConnectToCloud": true }',
    // As the templates of rebar3 have it.
    '.gitignore': '_checkouts\n_build\ndist\nnode_modules\n.nx\n',
  });
  // Not fetched from anywhere: a link to a place that Nx knows nothing of.
  const sources = relxSources('0.1', 'library:answer()', 'unused', '{debug_info, keep}');
  writeFiles(at('ralf'), {
    ...sources,
    'rebar.config': `{deps, [library]}.\n${sources['rebar.config'] ?? ''}`.replace(
      '[ralf,',
      '[library, ralf,',
    ),
  });
  mkdirSync(at('ralf/_checkouts'));
  mkdirSync(at('node_modules/elsewhere'), { recursive: true });
  symlinkSync(at('node_modules/elsewhere'), at('ralf/_checkouts/library'));
  writeFiles(at('mixy'), {
    ...mixSources('0.1.0', 'Words.answer()'),
    'mix.exs': `defmodule Mixy.MixProject do
  use Mix.Project
  def project, do: [app: :mixy, version: "0.1.0", releases: [mixy: []], deps: [{:words, path: Path.join(["..", "libraries", "words"])}]]
  def application, do: [extra_applications: [:logger, :sasl], mod: {Mixy.Application, []}]
end
`,
  });
});
afterAll(() => {
  workspace.remove();
});

test.each([
  {
    kind: 'a link in _checkouts, which git ignores',
    project: 'ralf',
    write: (answer: string) => {
      writeFiles(at('node_modules/elsewhere'), library(answer));
    },
    beam: 'lib/library-1/ebin/library.beam',
  },
  {
    kind: 'a path that mix.exs computes',
    project: 'mixy',
    write: (answer: string) => {
      writeFiles(at('libraries/words'), mixLibrary(answer));
    },
    beam: 'lib/words-1.0.0/ebin/Elixir.Words.beam',
  },
])('a dependency by $kind counts for the cache', async ({ project, write, beam }) => {
  const generate = () => succeeding(workspace.nx(['run', `${project}:generate`]));
  const answer = () => /the_\w+/.exec(readFileSync(at(project, 'dist/release', beam), 'latin1'))?.[0];
  write(':the_first'.slice(project === 'ralf' ? 1 : 0));
  await generate();
  expect(answer()).toBe('the_first');
  expect(await generate()).toContain('local cache');
  write(':the_second'.slice(project === 'ralf' ? 1 : 0));
  expect(await generate()).not.toContain('local cache');
  expect(answer()).toBe('the_second');
});
