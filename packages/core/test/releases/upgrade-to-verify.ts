import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { generateUpgrade } from '../../src/upgrade/generate-upgrade';
import { verifyUpgrade } from '../../src/upgrade/verify-upgrade';
import { buildRelease, type ApplicationFields, type ReleaseFields } from './build-release';

/** `dummy` without modules, and with a file that is another one in each version. */
export const dummy = (version: string): ApplicationFields => ({
  name: 'dummy',
  version,
  files: { 'priv/data ü': version },
});

/** The `RELEASES` that `release_handler:create_RELEASES/4` makes of releases of `buildRelease`. */
export function releasesFile(
  releases: readonly (readonly [version: string, status: string])[],
  { lib = 'lib', name = 'dummy' } = {},
): string {
  const entries = releases.map(([version, status]) => {
    const libraries = ['kernel-1', 'stdlib-1', 'sasl-1', `dummy-${version}`].map((folder) => {
      const [application = '', number = ''] = folder.split('-');
      return `{${application}, "${number}", "${lib}/${folder}"}`;
    });
    return `{release, "${name}", "${version}", "13.1", [${libraries.join(', ')}], ${status}}`;
  });
  return `[${entries.join(',\n')}].\n`;
}

/** A package from 0.1 to 0.2 and an installation of 0.1, fresh for each test of a file. */
export class UpgradeToVerify {
  /** For whatever lasts as long as the tests. */
  folder = '';
  /** The releases 0.1 and 0.2, which no test changes. */
  base = '';
  next = '';
  /** For what lasts for one test. */
  work = '';
  installed = '';
  upgradePackage = '';
  #made = '';
  #count = 0;

  constructor() {
    beforeAll(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'nx-otp verify ü-'));
      this.base = await this.installation('base', '0.1');
      this.next = await this.installation('next', '0.2');
      this.#made = await this.upgrade('made', [this.base], this.next);
    });
    afterAll(() => rm(this.folder, { recursive: true, force: true }));
    beforeEach(async () => {
      this.work = join(this.folder, `work ${++this.#count}`);
      this.installed = join(this.work, 'installed');
      this.upgradePackage = join(this.work, 'package', 'dummy_0.2.tar.gz');
      await this.install(this.base);
      await this.use(this.#made);
    });
  }

  /** A release with a `RELEASES` that has relative paths. */
  installation(name: string, version: string, fields: Partial<ReleaseFields> = {}): Promise<string> {
    return buildRelease(join(this.folder, name), {
      version,
      applications: [dummy(version)],
      ...fields,
      files: { 'releases/RELEASES': releasesFile([[version, 'permanent']]), ...fields.files },
    });
  }

  /** @returns the folder of the package */
  async upgrade(name: string, previousReleases: string[], release: string, full = false): Promise<string> {
    const outputPath = join(this.folder, name);
    await generateUpgrade({ previousReleases, release, outputPath, full });
    return outputPath;
  }

  /** Another installation in the place of the one that is there. */
  async install(release: string): Promise<void> {
    await rm(this.installed, { recursive: true, force: true });
    await cp(release, this.installed, { recursive: true });
  }

  /** Another package, with its manifest, in the place of the one that is there. */
  use(folder: string): Promise<void> {
    return cp(folder, dirname(this.upgradePackage), { recursive: true });
  }

  async put(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(this.installed, path)), { recursive: true });
    await writeFile(join(this.installed, path), content);
  }

  /** Of the installation. */
  async tarball(): Promise<string> {
    const file = join(this.work, 'installed.tar.gz');
    execFileSync('tar', ['-czf', file, '-C', this.installed, '.']);
    return Promise.resolve(file);
  }

  /** Unpacks the package, changes it, and packs it again; the manifest beside it goes, unless it is kept. */
  async repack(
    change: (root: string) => Promise<void>,
    { members = ['lib', 'releases'], keepManifest = false } = {},
  ): Promise<void> {
    const root = join(this.work, 'unpacked');
    await mkdir(root);
    execFileSync('tar', ['-xzf', this.upgradePackage, '-C', root]);
    await change(root);
    execFileSync('tar', ['-czf', this.upgradePackage, '-C', root, ...members]);
    if (!keepManifest) await rm(this.upgradePackage.replace('.tar.gz', '.json'));
  }

  /** The codes of all findings, with `warning` before it where it is one and its application behind it. */
  async codes({ release = this.installed, isCopy = false } = {}): Promise<string[]> {
    const { fits, findings } = await verifyUpgrade({ upgradePackage: this.upgradePackage, release, isCopy });
    expect(fits).toBe(!findings.some(({ severity }) => severity === 'error'));
    for (const { message, fix } of findings) {
      expect(message).toMatch(/\.$/);
      expect(fix).toMatch(/^[A-Z].*\.$/);
    }
    return findings.map(({ code, application, severity }) =>
      [severity === 'error' ? [] : severity, code, application ?? []].flat().join(' '),
    );
  }
}
