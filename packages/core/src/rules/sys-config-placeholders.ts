import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { listed } from './section';

/** `release_handler:read_sys_config/2` reads `sys.config` as it is. */
export function sysConfigPlaceholders({ difference: { next, placeholders } }: ReleasePair): Diagnostic[] {
  if (placeholders.length === 0) return [];
  const { name, version } = next;
  return [
    {
      code: 'sys-config-placeholders',
      severity: 'warning',
      message: `sys.config of release ${version} has ${listed(placeholders)} in it, which its start script fills in when the node boots with RELX_REPLACE_OS_VARS: release_handler installs it as it is.`,
      fix: `Fill it in on the node, with RELX_REPLACE_OS_VARS and the variables of the node in the environment: bin/${name} unpack ${version}, bin/${name}-${version} versions, and then bin/${name} upgrade ${version}; or allow this finding where the text is meant.`,
    },
  ];
}
