import type { PlannedAppup } from '../appup';
import type { Diagnostic } from './diagnostic';

/** An appup for another version of the application was not used, and whoever wrote it may think that it was. */
export function staleAppup({ application, version, stale }: PlannedAppup): Diagnostic[] {
  return stale.map((appup) => ({
    code: 'stale-appup',
    severity: 'warning',
    application,
    message: `${appup.file} is for version ${appup.version} of ${application}, and the release has ${version}, so nothing of it was used.`,
    fix: `Bring it up to ${version}, or delete it.`,
  }));
}
