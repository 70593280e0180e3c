import { OtpError } from '../error';
import { gitOutput, runGit } from './git';
import { describedRelease, type DescribedReleaseOptions } from './described-release';
import { fetchAll, type Repository } from './git-revision';
import { compareVersions } from './version-order';

export interface ReleaseTag {
  readonly tag: string;
  /** What its name says. */
  readonly version: string;
}

export interface TagPatterns {
  /** Patterns of `nx release`, such as `{projectName}@{version}`; those that people use most where there is none. */
  readonly patterns?: readonly string[];
  /** The names that a tag of this release may carry: of the project, and of the release. */
  readonly names: readonly string[];
}

const usualPatterns = [
  '{projectName}@{version}',
  '{projectName}@v{version}',
  '{projectName}-{version}',
  '{projectName}-v{version}',
  '{projectName}_{version}',
  '{projectName}/{version}',
  '{projectName}/v{version}',
  'v{version}',
  '{version}',
];

/**
 * Those of the tags that name a release of the project. Where there are some with its name, those without a name are of
 * something else.
 */
export function releaseTags(tags: readonly string[], { patterns, names }: TagPatterns): ReleaseTag[] {
  const shapes = (patterns ?? usualPatterns).flatMap((pattern) =>
    names.map((name) => ({ hasName: pattern.includes('{projectName}'), shape: shapeOf(pattern, name) })),
  );
  const found = tags.flatMap((tag) => {
    for (const { hasName, shape } of shapes) {
      const version = shape.exec(tag)?.groups?.['version'];
      if (version !== undefined) return [{ tag, version, hasName }];
    }
    return [];
  });
  const ofProject = found.filter(({ hasName }) => hasName);
  return (ofProject.length > 0 ? ofProject : found).map(({ tag, version }) => ({ tag, version }));
}

function shapeOf(pattern: string, name: string): RegExp {
  let hasVersion = false;
  const source = pattern
    .split(/(\{\w+\})/)
    .map((part) => {
      if (part === '{projectName}') return literally(name);
      // A group of projects that are released together has a name that nothing here knows.
      if (part === '{releaseGroupName}') return '.+';
      if (part !== '{version}') return literally(part);
      if (hasVersion) return '\\k<version>';
      hasVersion = true;
      return '(?<version>\\d[\\w.+-]*)';
    })
    .join('');
  return new RegExp(`^${source}$`);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

export interface FindReleaseTagOptions extends TagPatterns {
  /** How the release is described, in the project's folder: `repository.prefix`. */
  readonly release: DescribedReleaseOptions;
  /** The version that is being released. Where no text says it, it is that of the tags of HEAD, which a build computes it from. */
  readonly currentVersion: string | undefined;
}

/**
 * The last release tag that is reachable from HEAD, as `git describe` finds it, of another version than the current one. What
 * a tag's revision says about its release counts more than its name.
 * @throws OtpError `no-release-tag` that says what to do
 */
export async function findReleaseTag(
  repository: Repository,
  options: FindReleaseTagOptions,
): Promise<ReleaseTag> {
  const { root, isShallow } = repository;
  const { currentVersion } = options;
  const all = await reachableTags(repository);
  const tags = releaseTags(all, options);
  const ofHead = currentVersion === undefined && tags.length > 0 ? await tagsOf(root, 'HEAD') : [];
  let left = tags.filter(({ tag, version }) => version !== currentVersion && !ofHead.includes(tag));
  while (left.length > 0) {
    const tag = await nearest(root, left);
    if (tag === undefined) break;
    const version = (await versionAt(repository, tag.tag, options.release)) ?? tag.version;
    if (version !== currentVersion) return { tag: tag.tag, version };
    left = left.filter((other) => other.tag !== tag.tag);
  }
  const found =
    tags.length > 0
      ? `the release tags that are reachable from HEAD (${sample(tags.map(({ tag }) => tag))}) are of the current version${currentVersion === undefined ? '' : `, ${currentVersion}`}`
      : all.length > 0
        ? `no tag that is reachable from HEAD names a release (found ${sample(all)})`
        : 'no tag is reachable from HEAD';
  throw new OtpError(`${found}${isShallow ? '; this clone is shallow, so it may lack what is older' : ''}.`, {
    code: 'no-release-tag',
    ...(isShallow && { fix: fetchAll }),
  });
}

/**
 * The release tag of a version, reachable from HEAD or not.
 * @throws OtpError `no-release-tag`
 */
export async function releaseTagOfVersion(
  { root, isShallow }: Repository,
  version: string,
  patterns: TagPatterns,
): Promise<ReleaseTag> {
  const all = (await gitOutput(root, ['tag', '--list'])).split('\n').filter((tag) => tag !== '');
  const found = releaseTags(all, patterns).find((tag) => tag.version === version);
  if (found !== undefined) return found;
  throw new OtpError(`there is no release tag of version ${version} (found ${sample(all) || 'none'}).`, {
    code: 'no-release-tag',
    ...(isShallow && { fix: fetchAll }),
  });
}

/** Empty before the first commit. */
async function reachableTags({ root }: Repository): Promise<string[]> {
  const { succeeded, output } = await runGit(root, [
    'for-each-ref',
    '--merged=HEAD',
    '--format=%(refname:strip=2)',
    'refs/tags',
  ]);
  return succeeded ? output.split('\n').filter((tag) => tag !== '') : [];
}

async function nearest(root: string, tags: readonly ReleaseTag[]): Promise<ReleaseTag | undefined> {
  // A name of git has none of the characters that a pattern has.
  const { output } = await runGit(root, [
    'describe',
    '--tags',
    '--abbrev=0',
    ...tags.map(({ tag }) => `--match=${tag}`),
    'HEAD',
  ]);
  const described = output.trim();
  if (described === '') return undefined;
  // Of several tags of one commit git names any.
  const names = await tagsOf(root, `refs/tags/${described}`);
  return tags
    .filter(({ tag }) => names.includes(tag))
    .sort((a, b) => compareVersions(b.version, a.version) || (a.tag < b.tag ? -1 : 1))[0];
}

async function tagsOf(root: string, revision: string): Promise<string[]> {
  const commit = (await gitOutput(root, ['rev-parse', `${revision}^{commit}`])).trim();
  return (await gitOutput(root, ['tag', '--points-at', commit])).split('\n');
}

/** What the text of a revision says about its release. */
async function versionAt(
  { root, prefix }: Repository,
  tag: string,
  options: DescribedReleaseOptions,
): Promise<string | undefined> {
  const described = await describedRelease(async (file) => {
    const path = prefix === '' ? file : `${prefix}/${file}`;
    const { succeeded, output } = await runGit(root, ['show', `refs/tags/${tag}:${path}`]);
    return succeeded ? output : undefined;
  }, options);
  return described?.version;
}

function sample(tags: readonly string[]): string {
  const shown = tags.slice(0, 3).join(', ');
  return tags.length > 3 ? `${shown} and ${tags.length - 3} more` : shown;
}
