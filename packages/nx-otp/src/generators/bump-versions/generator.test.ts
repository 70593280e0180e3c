import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProjectGraph, TargetConfiguration } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { OtpError } from '@nx-otp/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { syncVersions } from '../sync-versions/generator';
import { bumpVersionsOf } from './generator';

const targets: Record<string, TargetConfiguration> = {
  generate: { executor: 'nx-otp:generate', options: { outputPath: '{projectRoot}/dist/release' } },
  'previous-release': {
    executor: 'nx-otp:previous-release',
    options: { outputPath: '{projectRoot}/dist/previous-release' },
  },
};
const graph: ProjectGraph = {
  nodes: {
    dummy: { name: 'dummy', type: 'app', data: { root: 'dummy', targets } },
    library: { name: 'library', type: 'lib', data: { root: 'library' } },
  },
  dependencies: {},
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bump versions '));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const treeIn = (folder: string) => Object.assign(createTreeWithEmptyWorkspace(), { root: folder });

async function refused(project: string): Promise<string> {
  try {
    await bumpVersionsOf(treeIn(root), { project }, graph);
  } catch (error) {
    if (error instanceof OtpError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

it('says what it needs', async () => {
  expect(await refused('dumy')).toBe('there is no project dumy. List the projects: nx show projects');
  expect(await refused('library')).toBe(
    'the project library makes no release. To see its targets: nx show project library',
  );
  expect(await refused('dummy')).toBe(
    'there is nothing to compare: dummy has not been built beside a previous release. Build it, and bring that in: nx run dummy:generate-appups --previousRelease=PATH, or =git:REVISION',
  );
});

it('where nothing was built, or half of it, all is in step', async () => {
  expect(await syncVersions(treeIn(root), graph)).toBeUndefined();
  mkdirSync(join(root, 'dummy/dist/release'), { recursive: true });
  expect(await syncVersions(treeIn(root), graph)).toBeUndefined();
  mkdirSync(join(root, 'dummy/dist/previous-release'), { recursive: true });
  expect(await syncVersions(treeIn(root), graph)).toBeUndefined();
});
