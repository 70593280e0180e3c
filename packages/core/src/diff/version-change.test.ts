import { describe, expect, it } from 'vitest';
import { changed } from '../../test/releases/literal-facts';
import type { ApplicationDiff } from './model';
import { versionChange } from './version-change';

const code = changed('m');
const debugInfo = { kind: 'equivalent', name: 'm', differences: ['debug-info'] } as const;
const appFile = { kind: 'changed', path: 'ebin/x.app' } as const;
const priv = { kind: 'changed', path: 'priv/schema.json' } as const;

describe('versionChange', () => {
  it.each<[string, string, Partial<ApplicationDiff>]>([
    ['same', '1', {}],
    ['same', '1', { modules: [debugInfo] }],
    ['changed-without-bump', '1', { modules: [code] }],
    ['changed-without-bump', '1', { files: [priv] }],
    ['changed-without-bump', '1', { files: [appFile] }],
    ['bumped-without-change', '2', { files: [appFile], modules: [debugInfo] }],
    ['bumped', '2', { files: [appFile], modules: [code] }],
    ['bumped', '2', { files: [appFile, priv] }],
    ['bumped', '2', { files: [appFile], resource: { env: ['port'] } }],
  ])('%s: from 1 to %s', (expected, version, fields) => {
    expect(
      versionChange({
        name: 'x',
        previous: { version: '1' },
        next: { version },
        modules: [],
        files: [],
        resource: {},
        ...fields,
      } as unknown as ApplicationDiff),
    ).toBe(expected);
  });
});
