import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Evaluates expressions in one Erlang node, with `Args` bound to a list of strings, and gives what they print.
 * File names are UTF-8 whatever the locale is. A failing match is an error with Erlang's own words.
 */
export async function runErlang(expressions: string, args: readonly string[]): Promise<string> {
  const program = [
    'Args = init:get_plain_arguments()',
    'io:setopts([{encoding, unicode}])',
    expressions,
    'halt(0).',
  ].join(', ');
  const { stdout } = await promisify(execFile)(
    'erl',
    ['+fnu', '-noshell', '-noinput', '-eval', program, '-extra', ...args],
    {
      env: { ...process.env, ERL_CRASH_DUMP_SECONDS: '0' },
      maxBuffer: 16 * 1024 * 1024,
      timeout: 60_000,
    },
  );
  return stdout;
}
