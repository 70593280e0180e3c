import { distributionApplications, readReleaseFacts } from '../facts';
import type { Application, Release } from '../release';
import { readFiles, type FileOfTree } from '../release/sub-tree';
import { modulesOf } from './diff-application';
import { beamOf, factsOfModule } from './diff-module';
import type { ModuleFacts, ReleaseDiff } from './model';

/** A module of a release, whether it changed or not. */
export interface IndexedModule {
  readonly application: string;
  readonly facts: ModuleFacts;
}

/** Modules by name: who calls whom, who supervises whom, who implements what. */
export type ModuleIndex = ReadonlyMap<string, IndexedModule>;

/** Two releases as planning sees them: what differs, and what surrounds it. */
export interface ReleasePair {
  readonly difference: ReleaseDiff;
  /** All modules of the project's own applications and of its dependencies, without those of OTP and Elixir. */
  readonly modules: { readonly previous: ModuleIndex; readonly next: ModuleIndex };
}

/**
 * Reads what surrounds the differences. Modules that are the same on both sides are read once.
 *
 * @throws OtpError naming the file, when a beam is damaged or of another module than its name says (`beam-corrupt`)
 */
export async function readReleasePair(difference: ReleaseDiff): Promise<ReleasePair> {
  const { previous, next, kept, removed } = difference;
  const [before, after] = [new Map<string, ModuleFacts>(), new Map<string, ModuleFacts>()];
  for (const { modules } of kept) {
    for (const module of modules) {
      if ('previous' in module) before.set(module.name, module.previous);
      if ('next' in module) after.set(module.name, module.next);
    }
  }
  const nextIndex = await readIndex(next, next.applications, (module) => after.get(module));
  const gone = new Set(removed.map(({ name }) => name));
  const previousIndex = await readIndex(
    previous,
    previous.applications,
    // One that did not change says the same in both releases.
    (module, application) =>
      before.get(module) ?? (gone.has(application) ? undefined : nextIndex.get(module)?.facts),
  );
  return { difference, modules: { previous: previousIndex, next: nextIndex } };
}

async function readIndex(
  release: Release,
  applications: readonly Application[],
  known: (module: string, application: string) => ModuleFacts | undefined,
): Promise<ModuleIndex> {
  const index = new Map<string, IndexedModule>();
  const unread = new Map<FileOfTree, { readonly application: string; readonly module: string }>();
  for (const application of applications) {
    const { name, tree } = application;
    if (distributionApplications.has(name)) continue;
    for (const module of modulesOf(application)) {
      const facts = known(module, name);
      if (facts !== undefined) index.set(module, { application: name, facts });
      else unread.set({ tree, path: `ebin/${module}.beam` }, { application: name, module });
    }
  }
  const kept = unread.size === 0 ? undefined : await readReleaseFacts(release);
  await readFiles(unread.keys(), (file, bytes) => {
    const { application, module } = unread.get(file) ?? { application: '', module: '' };
    const facts = factsOfModule(module, beamOf({ tree: file.tree, application, kept }, file.path, bytes));
    index.set(module, { application, facts });
  });
  // The order of the passes is that of the archives.
  return new Map([...index].sort(([a], [b]) => (a < b ? -1 : 1)));
}
