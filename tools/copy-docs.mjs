// What messages and PLUGIN.md point at goes into the package of the plugin: npm packs nothing from above its folder.

import { cpSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const copies = join(repository, 'packages', 'nx-otp', 'docs');
const ofTheRepository = ['architecture.md', 'benchmarks.md'];
rmSync(copies, { recursive: true, force: true });
cpSync(join(repository, 'docs'), copies, {
  recursive: true,
  filter: (path) => !ofTheRepository.includes(basename(path)),
});
