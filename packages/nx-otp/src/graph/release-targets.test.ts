import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { completeInputs } from './complete-inputs';
import { releaseTargets } from './release-targets';

it('the example writes out exactly the targets that are inferred', () => {
  const workspaceRoot = join(__dirname, '../../../..');
  const file = join(workspaceRoot, 'e2e/dummy/project.json');
  const { targets } = JSON.parse(readFileSync(file, 'utf8')) as { targets: unknown };
  expect(targets).toEqual(
    completeInputs(releaseTargets(), { workspaceRoot, root: 'e2e/dummy', tool: 'reltool' }),
  );
});
