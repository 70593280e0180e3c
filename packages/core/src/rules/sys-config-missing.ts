import type { ReleasePair } from '../diff/module-index';
import { layoutOf } from '../release';
import type { Diagnostic } from './diagnostic';

/**
 * `release_handler:read_sys_config/2`: without the file all values fall back to those in the `.app`. A base is no matter:
 * its node has booted, and so has the file.
 */
export function sysConfigMissing({ difference }: ReleasePair): Diagnostic[] {
  const { previous, next } = difference;
  const { sysConfig } = next.configuration;
  if (sysConfig.kind === 'present') return [];
  if (sysConfig.kind === 'absent' && previous.configuration.sysConfig.kind === 'absent') return [];
  const { name, version, versionPath } = next;
  const withoutIt =
    'release_handler reads sys.config when it installs, and without it the environment of every application falls back to what its .app says.';
  return [
    sysConfig.kind === 'template'
      ? {
          code: 'sys-config-missing',
          severity: 'error',
          message: `release ${version} has ${sysConfig.path}, which its start script fills in when the node boots, and no sys.config: ${withoutIt}`,
          fix: `Put a finished sys.config into the release; or allow this finding, and fill it in on the node, ${
            layoutOf(next) === 'relx'
              ? `with the variables of the node in the environment: bin/${name} unpack ${version}, bin/${name}-${version} versions, and then bin/${name} upgrade ${version}`
              : 'after unpacking and before installing'
          }.`,
        }
      : {
          code: 'sys-config-missing',
          severity: 'error',
          message: `release ${version} has no sys.config, and ${previous.version} has one: ${withoutIt}`,
          fix: `Put one into ${versionPath} of the release.`,
        },
  ];
}
