import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseLayout } from '../release';

/** The package, where the operator of a node of that layout puts it. @returns its name for release_handler */
export async function placePackage(
  path: string,
  root: string,
  {
    layout,
    name,
    version,
  }: { readonly layout: ReleaseLayout; readonly name: string; readonly version: string },
): Promise<string> {
  if (layout !== 'relx') {
    const packageName = `${name}_${version}`;
    await copyFile(path, join(root, 'releases', `${packageName}.tar.gz`));
    return packageName;
  }
  await mkdir(join(root, 'releases', version), { recursive: true });
  await copyFile(path, join(root, 'releases', version, `${name}.tar.gz`));
  return `${version}/${name}`;
}

/** `bin/NAME upgrade` of relx copies the start script of the version that is permanent now. */
export async function switchStartScript(root: string, name: string, version: string): Promise<void> {
  const script = join(root, 'bin', `${name}-${version}`);
  if (existsSync(script)) await copyFile(script, join(root, 'bin', name));
}
