import { contentHash, type Application, type Release } from '../release';
import type { PackageContents } from './package-contents';

/** `upgrade.json`, in the package and beside it: what it is for, what it holds, what it relies on. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly erts: string;
  /** The releases that this package can be installed on. */
  readonly bases: readonly { readonly version: string; readonly erts: string }[];
  readonly included: readonly ApplicationContent[];
  /** Left out, because every base has them. */
  readonly assumed: readonly ApplicationContent[];
}

export interface ApplicationContent {
  readonly name: string;
  readonly version: string;
  /** As `contentHash` gives it, of the application's folder without its appup. */
  readonly contentHash: string;
}

export async function packageManifest(
  next: Release,
  previous: readonly Release[],
  contents: PackageContents,
): Promise<PackageManifest> {
  return {
    name: next.name,
    version: next.version,
    erts: next.ertsVersion,
    bases: previous.map((base) => ({ version: base.version, erts: base.ertsVersion })),
    included: await contentOf(contents.included),
    assumed: await contentOf(contents.assumed),
  };
}

async function contentOf(applications: readonly Application[]): Promise<ApplicationContent[]> {
  const content: ApplicationContent[] = [];
  for (const { name, version, tree } of applications) {
    content.push({ name, version, contentHash: await contentHash(tree, (path) => !path.endsWith('.appup')) });
  }
  return content;
}
