import type { Diagnostic } from './diagnostic';

/** Files that lie in a base where the package brings others. */
export interface FilesInTheWay {
  /** The path of the base. */
  readonly base: string;
  /** The folder that unpacking finds there, such as `lib/dummy-0.2`. */
  readonly folder: string;
  /** Relative to the root of the base. */
  readonly paths: readonly string[];
}

/**
 * `release_handler:unpack_release/1` never replaces a file (`keep_old_files` of `erl_tar`): what a failed try has left
 * wins over what the package brings, and nobody is told.
 */
export function filesInTheWay({ base, folder, paths }: FilesInTheWay): Diagnostic {
  const shown = paths.slice(0, 5).join(', ');
  const files = paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
  return {
    code: 'file-in-the-way',
    severity: 'error',
    message: `the previous release in ${base} holds ${files} with other content than the package, and unpacking would keep them: ${folder} is not of that release, so it is what an earlier try has left.`,
    fix: `Remove ${folder} from the node and from the release that is given as previous, or give the new one another version.`,
  };
}
