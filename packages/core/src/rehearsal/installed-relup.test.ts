import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { VersionOnDisk } from './expected-modules';
import { appliedFunctions, installedScript, Origins } from './installed-relup';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'installed relup '));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const version = (number: string, shop: string): VersionOnDisk => ({
  version: number,
  applications: new Map([['shop', shop]]),
  started: new Set(['shop']),
});

it('reads the script from where release_handler does, and knows where an instruction came from', () => {
  write(
    'releases/2/relup',
    '{"2", [{"1", [], [{load_object_code, {shop, "2", [shop]}}, point_of_no_return, {suspend, [shop]}, {apply, {shop, go, [1]}}]}], [{"1", [], [point_of_no_return]}]}.',
  );
  write(
    'lib/shop-2/ebin/shop.appup',
    '{"2",\n [{"1", [\n  {update, shop, {advanced, []}},\n  {apply, {shop, go, [1]}}]}],\n [{"1", []}]}.',
  );
  write(
    'appups/appups.json',
    JSON.stringify({
      applications: [
        {
          name: 'shop',
          sections: [
            {
              direction: 'up',
              version: '1',
              instructions: [{ instruction: '{update, shop, {advanced, []}}', reason: 'its state changed' }],
            },
          ],
        },
      ],
    }),
  );
  const up = installedScript(root, '1', '2');
  if (up === undefined) throw new Error('there is a script');
  expect(appliedFunctions(up)).toEqual([['shop', 'go', 1]]);
  const origins = new Origins(root, version('2', '2'), version('1', '1'), join(root, 'appups'));
  expect(origins.of(up, 2)).toEqual({
    index: 2,
    instruction: '{suspend, [shop]}',
    appup: {
      application: 'shop',
      file: 'lib/shop-2/ebin/shop.appup',
      line: 3,
      section: 'up from 1',
      instruction: '{update, shop, {advanced, []}}',
      reason: 'its state changed',
    },
  });
  expect(origins.of(up, 3)?.appup?.line).toBe(4);
  expect(origins.of(up, 1)).toEqual({ index: 1, instruction: 'point_of_no_return' });
  expect(installedScript(root, '2', '1')?.direction).toBe('down');
  expect(installedScript(root, '0', '2')).toBeUndefined();
});
