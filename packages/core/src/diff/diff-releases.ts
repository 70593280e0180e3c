import { compareBeams } from '../beam';
import { OtpError } from '../error';
import type { Application, FileTree, Release } from '../release';
import { readFiles, subTree, type FileOfTree } from '../release/sub-tree';
import { differingFiles, type FileDifference, type TreePair } from './differing-files';
import type { FileDiff, ModuleDiff, ModuleFacts, ReleaseDiff, StrippedModules } from './model';
import { readModuleFacts } from './module-facts';

/**
 * Everything that differs between two releases, by application and module. Files that are equal cost one comparison
 * of bytes; only modules that differ are parsed.
 *
 * @throws OtpError naming the file, when a beam is damaged or of another module than its name says
 *   (`beam-corrupt`), or a `.app` lists a module that has no beam (`module-missing`).
 */
export async function diffReleases(previous: Release, next: Release): Promise<ReleaseDiff> {
  const before = new Map(previous.applications.map((application) => [application.name, application]));
  const names = new Set(next.applications.map((application) => application.name));
  const pairs: ApplicationPair[] = [];
  const added: Application[] = [];
  for (const application of next.applications) {
    const old = before.get(application.name);
    if (old === undefined) added.push(application);
    else pairs.push(pairOf(old, application));
  }
  const removed = previous.applications.filter((application) => !names.has(application.name));
  const bin: TreePair = { previous: subTree(previous.tree, 'bin'), next: subTree(next.tree, 'bin') };
  const startScripts: FileDiff[] = [];
  const applicationPairs = new Map<TreePair, ApplicationPair>(pairs.map((pair) => [pair, pair]));
  for await (const { pair, difference } of differingFiles([bin, ...pairs], isBeam)) {
    const applicationPair = applicationPairs.get(pair);
    if (applicationPair !== undefined) recordDifference(applicationPair, difference);
    else startScripts.push({ kind: difference.kind, path: `bin/${difference.path}` });
  }
  for (const pair of pairs) await recordListing(pair);
  return {
    previous,
    next,
    added,
    removed,
    kept: pairs.map(({ applications, modules, files }) => ({
      name: applications.next.name,
      ...applications,
      modules: modules.sort((a, b) => (a.name < b.name ? -1 : 1)),
      files,
    })),
    stripped: await strippedModules([...added, ...removed]),
    startScripts,
  };
}

/** Applications that come or go are loaded whole, on the way up or on the way down. */
async function strippedModules(applications: readonly Application[]): Promise<StrippedModules[]> {
  const modules = new Map<FileOfTree, { readonly application: Application; readonly name: string }>();
  for (const application of applications) {
    for (const name of modulesOf(application)) {
      modules.set({ tree: application.tree, path: `ebin/${name}.beam` }, { application, name });
    }
  }
  const stripped = new Map<Application, string[]>();
  await readFiles(modules.keys(), (file, bytes) => {
    const module = modules.get(file);
    if (module === undefined) return;
    const { application, name } = module;
    const { hasAttributes } = factsOf(name, { bytes, origin: `${file.tree.origin}/${file.path}` });
    if (!hasAttributes) stripped.set(application, [...(stripped.get(application) ?? []), name]);
  });
  return Array.from(stripped, ([{ name, version }, modules]) => ({
    application: name,
    version,
    modules: modules.sort(),
  }));
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

const beamPath = /^ebin\/([^/]+)\.beam$/;

function isBeam(path: string): boolean {
  return beamPath.test(path);
}

function recordDifference(pair: ApplicationPair, difference: FileDifference): void {
  const { path, kind } = difference;
  const { listed } = pair;
  const module = beamPath.exec(path)?.[1];
  if (module === undefined) {
    // Nothing on the node reads the appup once the relup is made.
    if (!path.endsWith('.appup')) pair.files.push({ kind, path });
    return;
  }
  const previous = beamAt(pair.previous, path, difference.previous);
  const next = beamAt(pair.next, path, difference.next);
  if (!listed.previous.has(module) && !listed.next.has(module)) {
    if (diffModule(module, previous, next)?.kind !== 'equivalent') pair.files.push({ kind, path });
    return;
  }
  const diff = diffModule(
    module,
    listed.previous.has(module) ? previous : undefined,
    listed.next.has(module) ? next : undefined,
  );
  if (diff !== undefined) pair.modules.push(diff);
}

/** A module whose file is the same may still come or go with its line in the `.app`, by which it is loaded at boot. */
async function recordListing({ previous, next, listed, modules }: ApplicationPair): Promise<void> {
  const recorded = new Set(modules.map((module) => module.name));
  for (const module of new Set([...listed.previous, ...listed.next])) {
    if (recorded.has(module) || listed.previous.has(module) === listed.next.has(module)) continue;
    const path = `ebin/${module}.beam`;
    const tree = listed.next.has(module) ? next : previous;
    const facts = factsOf(module, { bytes: await tree.read(path), origin: `${tree.origin}/${path}` });
    modules.push(
      listed.next.has(module)
        ? { kind: 'added', name: module, next: facts }
        : { kind: 'removed', name: module, previous: facts },
    );
  }
}

interface Beam {
  readonly bytes: Buffer;
  readonly origin: string;
}

function beamAt(tree: FileTree, path: string, bytes: Buffer | undefined): Beam | undefined {
  return bytes === undefined ? undefined : { bytes, origin: `${tree.origin}/${path}` };
}

function diffModule(
  name: string,
  previous: Beam | undefined,
  next: Beam | undefined,
): ModuleDiff | undefined {
  if (previous === undefined) return next && { kind: 'added', name, next: factsOf(name, next) };
  if (next === undefined) return { kind: 'removed', name, previous: factsOf(name, previous) };
  const change = compareBeams(previous.bytes, next.bytes, { previous: previous.origin, next: next.origin });
  switch (change.kind) {
    case 'identical':
      return undefined;
    case 'equivalent':
      return { kind: 'equivalent', name, differences: [...change.differs, ...change.otherChunks] };
    case 'attributes':
    case 'code':
      return {
        kind: 'changed',
        name,
        change: change.kind,
        previous: factsOf(name, previous),
        next: factsOf(name, next),
      };
  }
}

function factsOf(name: string, beam: Beam): ModuleFacts {
  const facts = readModuleFacts(beam.bytes, beam.origin);
  if (facts.name === name) return facts;
  throw new OtpError(`it holds the module ${facts.name}, so the node could not load ${name} from it.`, {
    code: 'beam-corrupt',
    file: beam.origin,
    fix: 'Compile the module again.',
  });
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
