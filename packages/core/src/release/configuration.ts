import { readTerms, type Term } from '../erlang';
import { OtpError } from '../error';
import type { FileTree } from './file-tree';

/** What lies in `releases/VSN` beside the `.rel`. Paths are relative to the root of the release. */
export interface ReleaseConfiguration {
  /** `start.boot` and others (`NAME.boot`, `start_clean.boot`), sorted. */
  readonly bootFiles: readonly string[];
  /**
   * `sys.config`. A `template` (`sys.config.src`) alone is filled in when the node boots, and release_handler, which
   * reads `sys.config` when it installs, finds none.
   */
  readonly sysConfig:
    | { readonly kind: 'present'; readonly path: string }
    | { readonly kind: 'template'; readonly path: string }
    | { readonly kind: 'absent' };
  readonly vmArgs: string | undefined;
  /** Beams of Elixir's consolidated protocols, which no application holds and no appup can name; sorted. */
  readonly consolidatedProtocols: readonly string[];
}

/** @param versionPath such as `releases/0.2` */
export function releaseConfiguration(tree: FileTree, versionPath: string): ReleaseConfiguration {
  const inVersion = tree.files.map((file) => file.path).filter((path) => path.startsWith(`${versionPath}/`));
  const find = (name: string): string | undefined =>
    inVersion.find((path) => path === `${versionPath}/${name}`);
  const sysConfig = find('sys.config');
  const template = find('sys.config.src');
  return {
    bootFiles: inVersion.filter((path) => path.endsWith('.boot')),
    sysConfig:
      sysConfig !== undefined
        ? { kind: 'present', path: sysConfig }
        : template !== undefined
          ? { kind: 'template', path: template }
          : { kind: 'absent' },
    vmArgs: find('vm.args'),
    consolidatedProtocols: inVersion.filter(
      (path) => path.startsWith(`${versionPath}/consolidated/`) && path.endsWith('.beam'),
    ),
  };
}

/**
 * The term of `sys.config`, `[{App, [{Key, Value}]} | "File"]`; undefined where there is none.
 * @throws OtpError (`sys-config`) when it is not exactly one term, as release_handler wants it
 */
export async function readSysConfig(
  tree: FileTree,
  configuration: ReleaseConfiguration,
): Promise<Term | undefined> {
  if (configuration.sysConfig.kind !== 'present') return undefined;
  const { path } = configuration.sysConfig;
  const { terms, file } = readTerms(await tree.read(path), `${tree.origin}/${path}`);
  const [term] = terms;
  if (term === undefined || terms.length > 1) {
    throw new OtpError(`it holds ${terms.length} terms, and release_handler wants exactly one list.`, {
      code: 'sys-config',
      file,
    });
  }
  return term;
}
