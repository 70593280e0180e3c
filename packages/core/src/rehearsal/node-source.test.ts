import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { erlangSources } from '../build/run-erlang';

it("the node's side is a module without a warning, though nobody compiles it", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nx-otp-'));
  const source = join(erlangSources, 'rehearsal', 'nx_otp_rehearsal.erl');
  try {
    const { stdout } = await promisify(execFile)('erlc', ['-Werror', '-o', folder, source]);
    expect(stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
