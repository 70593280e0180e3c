import type { ReleaseLayout } from '../release';

export interface InstallationSteps {
  /** Where the package is copied to, relative to the root of the installation. */
  readonly copyTo: string;
  /** Commands in the root of the installation, or expressions for the node's shell. */
  readonly upgrade: readonly string[];
  /** The same for the way back to a base. */
  readonly downgrade: (base: string) => readonly string[];
}

/** How the operator of a node installs the package `NAME_VSN.tar.gz`, and goes back. */
export function installationSteps(layout: ReleaseLayout, name: string, version: string): InstallationSteps {
  const packageName = `${name}_${version}`;
  const copyTo = `releases/${packageName}.tar.gz`;
  switch (layout) {
    case 'relx':
      return {
        copyTo: `releases/${version}/${name}.tar.gz`,
        upgrade: [`bin/${name} upgrade ${version}`],
        downgrade: (base) => [`bin/${name} downgrade ${base}`],
      };
    case 'mix': {
      const call = (call: string, argument: string): string =>
        `bin/${name} rpc 'IO.inspect(:release_handler.${call}(~c"${argument}"))'`;
      const install = (to: string): string[] => [call('install_release', to), call('make_permanent', to)];
      return {
        copyTo,
        upgrade: [call('unpack_release', packageName), ...install(version)],
        downgrade: install,
      };
    }
    case 'reltool': {
      const install = (to: string): string[] => [
        `release_handler:install_release("${to}").`,
        `release_handler:make_permanent("${to}").`,
      ];
      return {
        copyTo,
        upgrade: [`release_handler:unpack_release("${packageName}").`, ...install(version)],
        downgrade: install,
      };
    }
  }
}
