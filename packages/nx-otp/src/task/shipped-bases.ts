import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compareWithShipped, OtpError, readEvidence, type ComparedBase, type Evidence } from '@nx-otp/core';
import type { ExecutorContext } from '@nx/devkit';
import type { ChosenBase } from './chosen-bases';
import { fromWorkingDirectory, givenPath, projectRootOf } from './project-paths';

export interface ShippedOptions {
  snapshot?: string;
  allowDifferences?: string[];
}

/** Differences of each base that a message lists. */
const shown = 20;

/**
 * Compares the bases with what is known of what was shipped. Of a base that was built again and that nothing is known of
 * it says so.
 * @throws OtpError `base-not-as-shipped` that lists what differs; `evidence`, `snapshot`, `package-manifest`
 */
export async function compareBases(
  bases: readonly (ChosenBase & { readonly path: string })[],
  options: ShippedOptions,
  context: ExecutorContext,
): Promise<void> {
  const evidence = await evidenceOf(options, context);
  const used = new Set<string>();
  const problems: string[] = [];
  for (const base of bases) {
    const asked = base.kind === 'revision' && base.snapshot !== undefined ? base.snapshot : undefined;
    const about = [...evidence, ...(asked === undefined ? [] : await readEvidence(asked))];
    if (about.length === 0 && base.kind === 'release') continue;
    const compared = await compareWithShipped(base.path, about);
    for (const file of compared.comparedWith) used.add(file);
    report(compared, base, options.allowDifferences ?? [], problems);
    if (asked !== undefined && !compared.comparedWith.includes(asked)) {
      problems.push(`${asked} tells nothing of ${compared.name} ${compared.version}, which was built.`);
    }
  }
  refuseUnusedEvidence(options, evidence, used);
  if (problems.length === 0) return;
  throw new OtpError(problems.join('\n'), {
    code: 'base-not-as-shipped',
    fix: 'Give what was shipped (its folder or tarball), or the right revision. What is meant to differ is allowed by name: --allowDifferences=APPLICATION, or otp or release.',
  });
}

function report(
  compared: ComparedBase,
  base: ChosenBase,
  allowed: readonly string[],
  problems: string[],
): void {
  const { name, version, comparedWith, differences } = compared;
  if (comparedWith.length === 0) {
    if (base.kind === 'release') return;
    console.warn(
      `warning: ${name} ${version} was built again, and not compared with what was shipped: a snapshot of the node, or the manifest of its package, in rel/snapshots would tell.`,
    );
    return;
  }
  const files = comparedWith.map(fromWorkingDirectory).join(', ');
  const lines = (those: typeof differences): string =>
    [
      ...those.slice(0, shown).map(({ application, what }) => `  ${application} ${what}`),
      ...(those.length > shown ? [`  and ${those.length - shown} more`] : []),
    ].join('\n');
  const isAllowed = ({ application }: { application: string }): boolean => allowed.includes(application);
  const refused = differences.filter((difference) => !isAllowed(difference));
  const kept = differences.filter(isAllowed);
  if (kept.length > 0) {
    console.warn(`warning: ${name} ${version} differs from ${files}, as allowed:\n${lines(kept)}`);
  }
  if (refused.length > 0) {
    problems.push(`${name} ${version} is not what was shipped, as ${files} tells:\n${lines(refused)}\n`);
  } else if (kept.length === 0) console.log(`${name} ${version} is what was shipped, as ${files} tells`);
}

/** What was named, or what lies in the usual place. */
async function evidenceOf({ snapshot }: ShippedOptions, context: ExecutorContext): Promise<Evidence[]> {
  if (snapshot !== undefined) return readEvidence(givenPath(context, 'snapshot', snapshot));
  const usual = join(projectRootOf(context), 'rel', 'snapshots');
  return existsSync(usual) ? readEvidence(usual) : [];
}

/** A file that was named and tells of no base would be taken for a proof. */
function refuseUnusedEvidence(
  { snapshot }: ShippedOptions,
  evidence: readonly Evidence[],
  used: ReadonlySet<string>,
): void {
  if (snapshot === undefined || evidence.some(({ file }) => used.has(file))) return;
  throw new OtpError('it tells of none of the previous releases.', {
    code: 'evidence',
    file: fromWorkingDirectory(evidence[0]?.file ?? snapshot),
    fix: 'Give the snapshot of a node that runs one of them, or the manifest of its package.',
  });
}
