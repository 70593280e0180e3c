import { compareBeams } from '../beam';
import { OtpError } from '../error';
import type { Application, FileTree, Release } from '../release';
import { differingFiles, type FileDifference, type TreePair } from './differing-files';
import type { FileDiff, ModuleDiff, ModuleFacts, ReleaseDiff } from './model';
import { readModuleFacts } from './module-facts';

/**
 * Everything that differs between two releases, by application and module. Files that are equal cost one comparison
 * of bytes; only modules that differ are parsed.
 *
 * @throws OtpError naming the file, when a beam is damaged, or a `.app` lists a module that has no beam.
 */
export async function diffReleases(previous: Release, next: Release): Promise<ReleaseDiff> {
  const before = new Map(previous.applications.map((application) => [application.name, application]));
  const names = new Set(next.applications.map((application) => application.name));
  const pairs: ApplicationPair[] = [];
  for (const application of next.applications) {
    const old = before.get(application.name);
    if (old !== undefined) pairs.push(pairOf(old, application));
  }
  for await (const { pair, difference } of differingFiles(pairs)) recordDifference(pair, difference);
  return {
    previous,
    next,
    added: next.applications.filter((application) => !before.has(application.name)),
    removed: previous.applications.filter((application) => !names.has(application.name)),
    kept: pairs.map(({ applications, modules, files }) => ({
      name: applications.next.name,
      ...applications,
      modules,
      files,
    })),
  };
}

/** One application in both releases while it is compared. */
interface ApplicationPair extends TreePair {
  readonly applications: { readonly previous: Application; readonly next: Application };
  readonly listed: { readonly previous: ReadonlySet<string>; readonly next: ReadonlySet<string> };
  readonly modules: ModuleDiff[];
  readonly files: FileDiff[];
}

function pairOf(previous: Application, next: Application): ApplicationPair {
  return {
    previous: previous.tree,
    next: next.tree,
    applications: { previous, next },
    listed: { previous: modulesOf(previous), next: modulesOf(next) },
    modules: [],
    files: [],
  };
}

function recordDifference(pair: ApplicationPair, difference: FileDifference): void {
  const { path, kind } = difference;
  const { listed } = pair;
  const module = /^ebin\/([^/]+)\.beam$/.exec(path)?.[1];
  if (module !== undefined && (listed.previous.has(module) || listed.next.has(module))) {
    const diff = diffModule(
      module,
      listed.previous.has(module) ? beamAt(pair.previous, path, difference.previous) : undefined,
      listed.next.has(module) ? beamAt(pair.next, path, difference.next) : undefined,
    );
    if (diff !== undefined) pair.modules.push(diff);
  } else if (!path.endsWith('.appup')) {
    // Nothing on the node reads the appup once the relup is made.
    pair.files.push({ kind, path });
  }
}

interface Beam {
  readonly bytes: Buffer;
  readonly origin: string;
}

function beamAt(tree: FileTree, path: string, bytes: Buffer | undefined): Beam | undefined {
  return bytes === undefined ? undefined : { bytes, origin: `${tree.origin}/${path}` };
}

function diffModule(name: string, previous: Beam | undefined, next: Beam | undefined): ModuleDiff | undefined {
  if (previous === undefined) return next && { kind: 'added', name, next: factsOf(next) };
  if (next === undefined) return { kind: 'removed', name, previous: factsOf(previous) };
  const change = compareBeams(previous.bytes, next.bytes, { previous: previous.origin, next: next.origin });
  switch (change.kind) {
    case 'identical':
      return undefined;
    case 'equivalent':
      return { kind: 'equivalent', name, differences: [...change.differs, ...change.otherChunks] };
    case 'attributes':
    case 'code':
      return { kind: 'changed', name, change: change.kind, previous: factsOf(previous), next: factsOf(next) };
  }
}

function factsOf(beam: Beam): ModuleFacts {
  return readModuleFacts(beam.bytes, beam.origin);
}

/** The modules that the `.app` lists: those are the ones that boot scripts and relups know. */
function modulesOf(application: Application): ReadonlySet<string> {
  const files = new Set(application.tree.files.map((file) => file.path));
  const missing = application.resource.modules.filter((module) => !files.has(`ebin/${module}.beam`));
  if (missing.length > 0) {
    throw new OtpError(`the modules ${missing.join(', ')} are listed, but ebin holds no beam of theirs.`, {
      code: 'module-missing',
      file: `${application.tree.origin}/ebin/${application.name}.app`,
      fix: `Compile ${application.name} again, or take them out of its modules.`,
    });
  }
  return new Set(application.resource.modules);
}
