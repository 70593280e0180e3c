import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';

/** `release_handler:read_sys_config/2`: without the file all values fall back to those in the `.app`. */
export function sysConfigMissing({ difference }: ReleasePair): Diagnostic[] {
  const { previous, next } = difference;
  const { sysConfig } = next.configuration;
  if (sysConfig.kind === 'present') return [];
  if (sysConfig.kind === 'absent' && previous.configuration.sysConfig.kind === 'absent') return [];
  return [
    {
      code: 'sys-config-missing',
      severity: 'warning',
      message: `release ${next.version} has ${sysConfig.kind === 'template' ? `${sysConfig.path}, which is filled in when the node boots, and no sys.config` : 'no sys.config'}: release_handler reads sys.config when it installs, and without it the environment of every application falls back to what its .app says.`,
      fix: `Render sys.config into ${next.versionPath} on the node after unpacking and before installing, or put one into the release.`,
    },
  ];
}
