import { OtpError } from '../error';
import type { ReleaseFacts } from '../facts';
import type { Application } from '../release';
import type { FileDifference, TreePair } from './differing-files';
import { beamOf, diffModule, factsOfModule, type Beam, type BeamSource } from './diff-module';
import type { ApplicationDiff, FileDiff, ModuleDiff } from './model';
import { diffResources } from './resource-diff';

/** One application in both releases while it is compared; `modules` and `files` grow. */
export interface ApplicationPair extends TreePair {
  readonly applications: { readonly previous: Application; readonly next: Application };
  readonly sources: { readonly previous: BeamSource; readonly next: BeamSource };
  readonly listed: { readonly previous: ReadonlySet<string>; readonly next: ReadonlySet<string> };
  readonly modules: ModuleDiff[];
  readonly files: FileDiff[];
}

/** @throws OtpError `module-missing` */
export function applicationPair(
  previous: Application,
  next: Application,
  kept: { readonly previous: ReleaseFacts | undefined; readonly next: ReleaseFacts | undefined },
): ApplicationPair {
  return {
    previous: previous.tree,
    next: next.tree,
    applications: { previous, next },
    sources: {
      previous: { tree: previous.tree, application: previous.name, kept: kept.previous },
      next: { tree: next.tree, application: next.name, kept: kept.next },
    },
    listed: { previous: modulesOf(previous), next: modulesOf(next) },
    modules: [],
    files: [],
  };
}

/** A module of an application. */
export const applicationBeam = /^ebin\/([^/]+)\.beam$/;

export function recordDifference(pair: ApplicationPair, difference: FileDifference): void {
  const { path, kind } = difference;
  const { listed, sources } = pair;
  const module = applicationBeam.exec(path)?.[1];
  if (module === undefined) {
    // Nothing on the node reads the appup once the relup is made.
    if (!path.endsWith('.appup')) pair.files.push({ kind, path });
    return;
  }
  const side = (which: 'previous' | 'next'): Beam | undefined => {
    const bytes = difference[which];
    return bytes && beamOf(sources[which], path, bytes);
  };
  if (!listed.previous.has(module) && !listed.next.has(module)) {
    if (diffModule(module, side('previous'), side('next'))?.kind !== 'equivalent')
      pair.files.push({ kind, path });
    return;
  }
  const diff = diffModule(
    module,
    listed.previous.has(module) ? side('previous') : undefined,
    listed.next.has(module) ? side('next') : undefined,
  );
  if (diff !== undefined) pair.modules.push(diff);
}

/** A module whose file is the same may still come or go with its line in the `.app`, by which it is loaded at boot. */
export async function recordListing({ sources, listed, modules }: ApplicationPair): Promise<void> {
  const recorded = new Set(modules.map((module) => module.name));
  for (const module of new Set([...listed.previous, ...listed.next])) {
    if (recorded.has(module) || listed.previous.has(module) === listed.next.has(module)) continue;
    const source = listed.next.has(module) ? sources.next : sources.previous;
    const path = `ebin/${module}.beam`;
    const facts = factsOfModule(module, beamOf(source, path, await source.tree.read(path)));
    modules.push(
      listed.next.has(module)
        ? { kind: 'added', name: module, next: facts }
        : { kind: 'removed', name: module, previous: facts },
    );
  }
}

export function applicationDiff({ applications, modules, files }: ApplicationPair): ApplicationDiff {
  return {
    name: applications.next.name,
    ...applications,
    modules: modules.sort((a, b) => (a.name < b.name ? -1 : 1)),
    files,
    resource: diffResources(applications.previous, applications.next),
  };
}

/**
 * The modules that the `.app` lists: those are the ones that boot scripts and relups know.
 * @throws OtpError `module-missing` for one that has no beam
 */
export function modulesOf(application: Application): ReadonlySet<string> {
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
