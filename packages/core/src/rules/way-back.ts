import {
  layoutOf,
  recordedLibraries,
  type Application,
  type RecordedRelease,
  type Release,
} from '../release';
import type { RuleCode } from './codes';
import type { Diagnostic } from './diagnostic';

/** What the rule looks at, of a base or of an installation. */
type WayBack = RecordedRelease<Pick<Application, 'name' | 'version' | 'libPath'>> &
  Pick<Release, 'path' | 'versionPath' | 'relFile'>;

/**
 * release_handler keeps in `releases/RELEASES` where the libraries of each release lie, and looks there when it goes
 * back to one. It reads the file once, when it starts, and rewrites it from memory: a package can't bring it.
 */
export function wayBackNotRecorded(base: WayBack): Diagnostic[] {
  const { name, version, path, installed } = base;
  const error = (code: RuleCode, message: string): Diagnostic => ({
    code,
    severity: 'error',
    message,
    fix: recipe(base),
  });
  if (installed === undefined) {
    return [
      error(
        'releases-file-missing',
        `the previous release ${version} in ${path} has no releases/RELEASES, so release_handler takes it to have no libraries, and going back to it would fail with {case_clause, false}.`,
      ),
    ];
  }
  const libraries = recordedLibraries(base);
  if (libraries === undefined) {
    return [
      error(
        'release-not-recorded',
        `releases/RELEASES of ${path} does not list ${name} ${version}, which boots there, so release_handler can't go back to it.`,
      ),
    ];
  }
  const found: Diagnostic[] = [];
  const missing = libraries.filter(({ state }) => state === 'missing');
  if (missing.length > 0) {
    const listed = missing.map(({ application, recorded }) =>
      recorded === undefined ? `${application.name} nowhere` : `${application.name} in ${recorded}`,
    );
    found.push(
      error(
        'library-path-stale',
        `releases/RELEASES of ${path} has ${listed.join(', ')}, where ${version} has no such library, so going back to it would fail with no_such_file.`,
      ),
    );
  }
  const absolute = libraries.find(({ state }) => state === 'absolute');
  if (absolute?.recorded !== undefined) {
    found.push({
      ...error(
        'library-path-absolute',
        `releases/RELEASES of ${path} names its libraries by absolute paths such as ${absolute.recorded}: going back to ${version} works only on a node that is installed exactly there.`,
      ),
      severity: 'warning',
    });
  }
  return found;
}

/** Both were run on live nodes: before the first boot, and on the node that runs, without restarting it. */
function recipe(base: WayBack): string {
  const relFile = base.relFile.slice(base.tree.origin.length + 1);
  if (layoutOf(base) === 'mix') {
    const create = `root = :code.root_dir(); :ok = :release_handler.create_RELEASES(~c"", :filename.join(root, ~c"releases"), :filename.join(root, ~c"${relFile}"), [])`;
    return (
      `On the node that runs, before the package is unpacked: bin/${base.name} rpc '${create}; :ok = :supervisor.terminate_child(:sasl_sup, :release_handler); {:ok, _} = :supervisor.restart_child(:sasl_sup, :release_handler)'. ` +
      `For a release that has not been started yet: bin/${base.name} eval '${create}'. Then give the release with its releases/RELEASES as the previous one.`
    );
  }
  const create = `Root = code:root_dir(), ok = release_handler:create_RELEASES("", filename:join(Root, "releases"), filename:join(Root, "${relFile}"), [])`;
  return (
    `On the node that runs, before the package is unpacked: ${create}, ok = supervisor:terminate_child(sasl_sup, release_handler), {ok, _} = supervisor:restart_child(sasl_sup, release_handler). ` +
    'For a release that has not been started yet the first two are enough. Then give the release with its releases/RELEASES as the previous one.'
  );
}
