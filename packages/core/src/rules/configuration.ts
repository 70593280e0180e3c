import type { ReleaseDiff } from '../diff';
import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { listed } from './section';

/** What changes on the node beside the code, and what does not change though one may think so. */
export function configuration(pair: ReleasePair): Diagnostic[] {
  const { difference } = pair;
  return [
    ...ertsDiffers(difference),
    ...sysConfigMissing(difference),
    ...configChanged(difference),
    ...configChangeMissing(pair),
    ...privChanged(difference),
  ];
}

/** `systools_relup:check_for_emulator_restart/5` */
function ertsDiffers({ erts }: ReleaseDiff): Diagnostic[] {
  if (erts === undefined) return [];
  return [
    {
      code: 'erts-differs',
      severity: 'warning',
      message: `the releases have the emulators erts ${erts.previous} and erts ${erts.next}, so the upgrade restarts the emulator in both directions: no process lives on.`,
      fix: 'Build the new release with the OTP of the previous one where the upgrade is meant to be hot.',
    },
  ];
}

/** `release_handler:read_sys_config/2`: without the file all values fall back to those in the `.app`. */
function sysConfigMissing({ previous, next }: ReleaseDiff): Diagnostic[] {
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

function configChanged({ configuration: files }: ReleaseDiff): Diagnostic[] {
  const changed = files.filter(({ kind }) => kind !== 'removed').map(({ path }) => path);
  if (changed.length === 0) return [];
  const hasSysConfig = changed.includes('sys.config');
  const others = changed.filter((path) => path !== 'sys.config');
  const parts = [
    ...(hasSysConfig
      ? [
          'release_handler replaces the environment of all running applications by that of sys.config, and what was set with application:set_env is lost',
        ]
      : []),
    ...(others.length > 0 ? [`${listed(others)} counts at the next boot only`] : []),
  ];
  return [
    {
      code: 'config-changed',
      severity: 'info',
      message: `${listed(changed)} changed: ${parts.join('; ')}.`,
      fix: hasSysConfig
        ? 'Let each application take new values over in config_change/3, which is called after the upgrade.'
        : 'Restart the node where it must count.',
    },
  ];
}

/** `application_controller:config_change/1` calls `Mod:config_change/3` of running applications whose environment changed. */
function configChangeMissing({ difference, modules }: ReleasePair): Diagnostic[] {
  return difference.kept.flatMap(({ name, next, resource }): Diagnostic[] => {
    const callback = next.resource.mod?.module;
    const facts = callback === undefined ? undefined : modules.next.get(callback)?.facts;
    if (resource.env === undefined || callback === undefined || facts === undefined) return [];
    if (facts.exports.has('config_change/3')) return [];
    return [
      {
        code: 'config-change-missing',
        severity: 'info',
        application: name,
        module: callback,
        message: `${listed(resource.env)} in the environment of ${name} changed, and ${callback} exports no config_change/3: processes that have read the old values keep them.`,
        fix: `Export config_change(Changed, New, Removed) from ${callback}, or see that nobody keeps the values.`,
      },
    ];
  });
}

/** The code path moves to the new folder, and `code:priv_dir/1` with it; what is open or kept as a path does not. */
function privChanged({ kept }: ReleaseDiff): Diagnostic[] {
  return kept.flatMap(({ name, previous, next, files, modules }): Diagnostic[] => {
    if (previous.version === next.version) return [];
    const changed = files.filter(({ path }) => path.startsWith('priv/')).map(({ path }) => path);
    // Native libraries are a matter of their own.
    const plain = changed.filter((path) => !/\.(so|dll|dylib)(\.[\d.]+)?$/.test(path));
    if (plain.length === 0 || modules.some(({ kind }) => kind !== 'equivalent')) return [];
    return [
      {
        code: 'priv-changed',
        severity: 'info',
        application: name,
        message: `${listed(plain)} of ${name} changed and no module did: code:priv_dir(${name}) names the new folder after the upgrade, and whatever read the files before keeps what it read.`,
        fix: `Have them read again by an {apply, {M, F, A}} in the appup of ${name}, where that matters.`,
      },
    ];
  });
}
