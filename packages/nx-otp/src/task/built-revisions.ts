import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildBase, refuseForeignFolder, type BuiltBase } from '@nx-otp/core';
import { currentRelease, generateOptions, type ChosenBase, type ReleasedProject } from './chosen-bases';

export type RevisionBase = Extract<ChosenBase, { kind: 'revision' }>;

/** Those that have to be built, each commit once. */
export function revisionsOf(bases: readonly ChosenBase[]): RevisionBase[] {
  const byCommit = new Map<string, RevisionBase>();
  for (const base of bases) if (base.kind === 'revision') byCommit.set(base.commit, base);
  return [...byCommit.values()];
}

/** Where the release of a commit lies, below the output of the target that builds it. */
export function builtAt(outputPath: string, { commit }: RevisionBase): string {
  return join(outputPath, commit.slice(0, nameLength));
}

const nameLength = 12;

/**
 * Builds the releases of revisions with what `generate` is configured with now.
 * @param outputPath becomes a folder that holds exactly these, each in a folder named by its commit
 */
export async function buildRevisions(
  revisions: readonly RevisionBase[],
  project: ReleasedProject,
  outputPath: string,
): Promise<BuiltBase[]> {
  const isOurs = (entry: string): boolean => /^\.?[0-9a-f]{12}(?:-(?:new|old)-.*)?$/.test(entry);
  await refuseForeignFolder(outputPath, (entries) => entries.every(isOurs));
  if (existsSync(outputPath)) {
    for (const entry of await readdir(outputPath)) {
      await rm(join(outputPath, entry), { recursive: true, force: true });
    }
  }
  const { name: releaseName } = await currentRelease(project);
  const built: BuiltBase[] = [];
  for (const revision of revisions) {
    const { repository, commit } = revision;
    const base = await buildBase({
      repository,
      commit,
      release: generateOptions(project),
      releaseName,
      workspaceRoot: project.workspace,
      libraries: project.libraries,
      outputPath: resolve(builtAt(outputPath, revision)),
    });
    if (base.project !== repository.prefix) {
      console.log(`in ${commit.slice(0, 12)} the project lies in ${base.project || 'the root'}`);
    }
    if (base.output !== '') console.log(base.output);
    for (const warning of base.warnings) console.warn(`warning: ${warning}`);
    built.push(base);
  }
  return built;
}
