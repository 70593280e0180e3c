// What messages and PLUGIN.md point at goes into the package of the plugin: npm packs nothing from above its folder.

import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const copies = join(repository, 'packages', 'nx-otp', 'docs');
rmSync(copies, { recursive: true, force: true });
for (const page of ['rules', 'control.md']) {
  cpSync(join(repository, 'docs', page), join(copies, page), { recursive: true });
}
