import { expect, it } from 'vitest';
import { configuredBases } from './configured-bases';
import { rehearsalGroup, rehearsalTargets } from './rehearsal-targets';

it('several bases have a target each, by as much of the path as tells them apart', () => {
  const targets = rehearsalTargets(['prod/dummy_0.1.tar.gz', 'eu/live', 'us/live/']);
  expect(rehearsalGroup(targets)).toEqual([
    'rehearse-upgrade',
    'rehearse-upgrade--dummy_0.1',
    'rehearse-upgrade--eu-live',
    'rehearse-upgrade--us-live',
  ]);
  expect(targets['rehearse-upgrade--eu-live']).toMatchObject({
    cache: true,
    dependsOn: [
      { target: 'previous-release', params: 'forward' },
      { target: 'generate-upgrade', params: 'forward' },
    ],
    options: { base: 'eu/live', outputPath: '{projectRoot}/dist/rehearsals/eu-live' },
  });
  expect(targets['rehearse-upgrade']?.dependsOn).toContainEqual({
    target: 'rehearse-upgrade--us-live',
    params: 'forward',
  });
});

it('a single base needs none', () => {
  expect(Object.keys(rehearsalTargets(['prod']))).toEqual(['rehearse-upgrade']);
  expect(rehearsalGroup(rehearsalTargets([]))).toEqual([]);
});

it('bases are found where a project is configured with them', () => {
  const found = (files: Record<string, unknown>, nxJson: object = {}): string[] =>
    configuredBases((file) => (file in files ? JSON.stringify(files[file]) : ''), nxJson, [
      'previous-release',
      'generate-upgrade',
    ]);
  const options = { previousReleases: ['a', 'b'] };
  expect(found({ 'project.json': { targets: { 'previous-release': { options } } } })).toEqual(['a', 'b']);
  expect(found({ 'package.json': { nx: { targets: { 'generate-upgrade': { options } } } } })).toEqual([
    'a',
    'b',
  ]);
  expect(found({}, { targetDefaults: { 'previous-release': { options } } })).toEqual(['a', 'b']);
  expect(found({ 'project.json': { targets: { other: { options } } } })).toEqual([]);
  expect(configuredBases(() => 'no json', {}, ['previous-release'])).toEqual([]);
});
