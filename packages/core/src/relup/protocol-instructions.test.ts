import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseInstruction } from '../appup/instruction';
import { printTermFile, type Term } from '../erlang';
import { loadFile, loadFrom, replaceFolder, waitUntilUnused } from './protocol-instructions';

const run = promisify(execFile);
let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'nx-otp protocols ü-')));
  for (const [folder, answer] of [
    ['releases/1/consolidated', 'one'],
    ['releases/2/consolidated', 'two'],
    ['lib/shapes-1/ebin', 'own'],
  ] as const) {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(
      join(root, 'Elixir.Size.erl'),
      `-module('Elixir.Size').\n-export([f/0]).\nf() -> ${answer}.\n`,
    );
    await run('erlc', ['-o', join(root, folder), join(root, 'Elixir.Size.erl')]);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

/**
 * Carries instructions out as release_handler does, in embedded mode as a release runs.
 *
 * @param paths the code path, before OTP's
 * @returns what stands before OTP in the code path then, and what the module answers
 */
async function carriedOut(instructions: readonly Term[], paths: readonly string[]): Promise<unknown> {
  for (const instruction of instructions) expect(parseInstruction(instruction).kind).toBe('apply');
  const file = join(root, 'instructions');
  await writeFile(file, printTermFile([...instructions]));
  const evaluated = `
{ok, [[Root, File | Paths]]} = {ok, [init:get_plain_arguments()]},
ok = file:set_cwd(Root),
Before = code:get_path(),
code:add_pathsa(lists:reverse(Paths)),
code:load_file('Elixir.Size'),
{ok, Instructions} = file:consult(File),
[apply(M, F, A) || {apply, {M, F, A}} <- Instructions],
io:format("~tp.~n", [{[P || P <- code:get_path() -- Before], catch 'Elixir.Size':f(), erlang:check_old_code('Elixir.Size')}]),
halt().`;
  const { stdout } = await run(
    'erl',
    [
      '-noinput',
      '+fnu',
      '-mode',
      'embedded',
      '-eval',
      `io:setopts([{encoding, unicode}]), ${evaluated}`,
      '-extra',
      root,
      file,
      ...paths,
    ],
    { timeout: 60_000 },
  );
  return stdout.replaceAll(root, 'ROOT').replace(/\s+/g, '');
}

const path = (version: string): string => join(root, 'lib') + `/../releases/${version}/consolidated`;
const upPath = replaceFolder('releases/1/consolidated', 'releases/2/consolidated');

describe('on a node', () => {
  it('the folder changes in the code path, and the protocol comes from it', async () => {
    expect(await carriedOut([upPath], [path('1')])).toBe(
      '{["ROOT/lib/../releases/2/consolidated"],one,false}.',
    );
    expect(await carriedOut([upPath, loadFile('Elixir.Size')], [path('1')])).toBe(
      '{["ROOT/lib/../releases/2/consolidated"],two,true}.',
    );
  });

  it('a path relative to the working directory stays one', async () => {
    expect(await carriedOut([upPath, loadFile('Elixir.Size')], ['releases/1/consolidated'])).toBe(
      '{["releases/2/consolidated"],two,true}.',
    );
  });

  it('what is not there is no error', async () => {
    const ebin = join(root, 'lib/shapes-1/ebin');
    const nowhere = replaceFolder('releases/1/consolidated', 'releases/3/consolidated');
    expect(await carriedOut([nowhere, loadFile('Elixir.None')], [path('1'), ebin])).toBe(
      '{["ROOT/lib/shapes-1/ebin"],one,false}.',
    );
    expect(await carriedOut([upPath, loadFrom([['Elixir.None', '/shapes-1/ebin']])], [ebin])).toBe(
      '{["ROOT/lib/shapes-1/ebin"],own,false}.',
    );
  });

  it("an application's own module is loaded before the consolidated one of the code path, and old code goes", async () => {
    const own = loadFrom([
      ['Elixir.Size', '/shapes-2/ebin'],
      ['Elixir.Size', '/shapes-1/ebin'],
    ]);
    const instructions = [upPath, own, waitUntilUnused(['Elixir.None', 'Elixir.Size'])];
    expect(await carriedOut(instructions, [path('1'), join(root, 'lib/shapes-1/ebin')])).toBe(
      '{["ROOT/lib/../releases/2/consolidated","ROOT/lib/shapes-1/ebin"],own,false}.',
    );
  });
});
