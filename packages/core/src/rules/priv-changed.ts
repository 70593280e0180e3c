import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { listed } from './section';

/** The code path moves to the new folder, and `code:priv_dir/1` with it; what is open or kept as a path does not. */
export function privChanged({ difference }: ReleasePair): Diagnostic[] {
  return difference.kept.flatMap(({ name, previous, next, files, modules }): Diagnostic[] => {
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
