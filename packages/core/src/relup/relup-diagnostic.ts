import { printTerm, string } from '../erlang';
import type { Appup } from '../appup/appup-file';
import type { ReleaseDescription } from '../release/model';
import { changedApplications } from './upgrade-scripts';

/** What systools warns of: the relup is made all the same. */
export interface RelupDiagnostic {
  /** The warning of `systools_relup`. */
  readonly kind: 'erts_vsn_changed' | 'bad_vsn';
  readonly message: string;
  /** The file to open. */
  readonly file: string;
}

/** The warnings for a release and its bases; each is given once, though systools gives `bad_vsn` for each script. */
export function relupDiagnostics(
  next: ReleaseDescription,
  previous: readonly ReleaseDescription[],
  appups: (application: string) => Appup | undefined,
): RelupDiagnostic[] {
  const emulators = previous
    .filter(({ ertsVersion }) => ertsVersion !== next.ertsVersion)
    .map(({ version, ertsVersion, relFile }): RelupDiagnostic => ({
      kind: 'erts_vsn_changed',
      message: `release ${version} has erts ${ertsVersion}, release ${next.version} has ${next.ertsVersion}: the upgrade restarts the emulator.`,
      file: relFile,
    }));
  const changed = new Set(
    previous.flatMap((base) =>
      changedApplications(next.applications, base).map(([application]) => application),
    ),
  );
  const versions = [...changed].flatMap(({ name, version }): RelupDiagnostic[] => {
    const appup = appups(name);
    if (appup === undefined || appup.version === version) return [];
    const message = `the appup is for ${name} ${print(appup.version)}, the release has ${print(version)}.`;
    return [{ kind: 'bad_vsn', message, file: appup.file }];
  });
  return [...emulators, ...versions];
}

function print(version: string): string {
  return printTerm(string(version));
}
