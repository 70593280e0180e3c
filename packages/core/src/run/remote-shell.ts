import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OtpError } from '../error';
import type { ReleaseLaunch } from '../node';
import type { NodeCommand } from './run-node';

/**
 * A shell on a node that runs: that of the start script of mix and relx, and otherwise one of the emulator that the
 * release has.
 * @param launch how the node was started
 * @param node its name
 * @throws OtpError `boot-file-missing` where the release has no `start_clean.boot`
 */
export function remoteShell(launch: ReleaseLaunch, node: string): NodeCommand {
  const { layout, name, version, cwd, env } = launch;
  const script = join(cwd, 'bin', name);
  if (layout !== 'reltool' && existsSync(script)) {
    return layout === 'mix'
      ? { command: script, args: ['remote'], cwd, env: { ...env, RELEASE_NODE: node } }
      : { command: script, args: ['remote_console'], cwd, env };
  }
  const boot = join(cwd, 'releases', version, 'start_clean');
  if (!existsSync(`${boot}.boot`)) {
    throw new OtpError('there is no start_clean.boot, which a shell on the node starts with.', {
      code: 'boot-file-missing',
      file: join(cwd, 'releases', version),
      fix: 'Add {rel, "start_clean", "", [kernel, stdlib]} to the reltool.config.',
    });
  }
  const at = launch.args.indexOf('-setcookie');
  const [, host] = node.split('@');
  return {
    command: launch.command,
    args: [
      ...['-boot', boot, '-hidden'],
      ...[launch.args.includes('-name') ? '-name' : '-sname', shellName(host)],
      ...(at < 0 ? [] : ['-setcookie', launch.args[at + 1] ?? '']),
      ...['-remsh', node],
    ],
    cwd,
    env,
  };
}

function shellName(host: string | undefined): string {
  return `shell_${process.pid}${host === undefined ? '' : `@${host}`}`;
}
