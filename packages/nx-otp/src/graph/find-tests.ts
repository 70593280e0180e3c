import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether there is anything for EUnit or Common Test in the folder of an application: in `test`, or in a module itself. */
export function hasErlangTests(folder: string): boolean {
  if (filesIn(join(folder, 'test')).some((file) => /(?:_tests|_SUITE)\.erl$/.test(file))) return true;
  const sources = join(folder, 'src');
  return filesIn(sources).some(
    (file) => file.endsWith('.erl') && readFileSync(join(sources, file)).includes('eunit.hrl'),
  );
}

/** Whether there is anything for `mix test`. */
export function hasMixTests(folder: string): boolean {
  return filesIn(join(folder, 'test')).some((file) => file.endsWith('_test.exs'));
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
