import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OtpError } from '../error';

/** Who makes the release of a project. */
export type ReleaseTool = 'reltool' | 'mix' | 'rebar3';

/** By the file that describes the release; the first that is there, since rebar 2 projects have a rebar.config, too. */
const described: readonly (readonly [file: string, tool: ReleaseTool])[] = [
  ['rel/reltool.config', 'reltool'],
  ['mix.exs', 'mix'],
  ['rebar.config', 'rebar3'],
  ['rebar.config.script', 'rebar3'],
];

/**
 * Which tool a project is built with, by the files in its folder.
 * @throws OtpError `release-tool`
 */
export function releaseToolOf(projectRoot: string): ReleaseTool {
  const found = described.find(([file]) => existsSync(join(projectRoot, file)));
  if (found !== undefined) return found[1];
  throw new OtpError('nothing here says how its release is made.', {
    code: 'release-tool',
    file: projectRoot,
    fix: 'Expected a rel/reltool.config, a mix.exs with releases:, or a rebar.config with relx.',
  });
}
