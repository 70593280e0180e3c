import type { ProjectGraph, TargetConfiguration, Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { OtpError } from '@nx-otp/core';
import { describe, expect, it, vi } from 'vitest';
import { writeReviewedAppups } from './generator';
import type { AppupGeneratorOptions } from './schema';

const planning: TargetConfiguration = {
  executor: 'nx-otp:generate-appups',
  options: { outputPath: 'dummy/dist/appups' },
};

function graphOf(
  targets: Record<string, TargetConfiguration> = { 'generate-appups': planning },
): ProjectGraph {
  const data = { root: 'dummy', targets };
  return { nodes: { dummy: { name: 'dummy', type: 'app', data } }, dependencies: {} };
}

const section = (direction: 'up' | 'down', version: string, module: string, origin = 'generated') => ({
  direction,
  version,
  origin,
  instructions: [{ instruction: `{load_module, ${module}}`, reason: `${module} changed` }],
});

function treeWith(
  applications: readonly unknown[],
  { path = 'dummy/dist/appups', files = {} }: { path?: string; files?: Record<string, string> } = {},
): Tree {
  const tree = createTreeWithEmptyWorkspace();
  tree.write(`${path}/appups.json`, JSON.stringify({ applications }));
  for (const [file, text] of Object.entries(files)) tree.write(file, text);
  return tree;
}

const dummy = {
  name: 'dummy',
  version: '0.2',
  sections: [section('up', '0.1', 'a'), section('down', '0.1', 'b')],
};
const other = { name: 'other', version: '3', sections: [section('up', '1', 'c'), section('up', '2', 'c')] };
const file = 'dummy/rel/appups/dummy/0.1_to_0.2.appup';

function appupsIn(tree: Tree, folder = 'dummy/rel/appups'): string[] {
  return tree
    .children(folder)
    .flatMap((application) =>
      tree.children(`${folder}/${application}`).map((name) => `${application}/${name}`),
    );
}

function refused(tree: Tree, options: Partial<AppupGeneratorOptions> = {}, graph = graphOf()): string {
  try {
    writeReviewedAppups(tree, { project: 'dummy', ...options }, graph);
  } catch (error) {
    if (error instanceof OtpError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('nx g nx-otp:appup', () => {
  it('writes a file for each application and base', () => {
    const tree = treeWith([dummy, other]);
    writeReviewedAppups(tree, { project: 'dummy' }, graphOf());
    expect(appupsIn(tree)).toEqual(['dummy/0.1_to_0.2.appup', 'other/1_to_3.appup', 'other/2_to_3.appup']);
    expect(tree.read(file, 'utf8')).toContain('% a changed\n    {load_module, a}');
  });

  it('writes those of one application', () => {
    const tree = treeWith([dummy, other]);
    writeReviewedAppups(tree, { project: 'dummy', application: 'other' }, graphOf());
    expect(appupsIn(tree)).toEqual(['other/1_to_3.appup', 'other/2_to_3.appup']);
    expect(refused(tree, { application: 'dumy' })).toBe(
      'dummy/dist/appups/appups.json: no section for dumy was planned that is not written by hand already. There are some for dummy, other.',
    );
  });

  it('reads and writes where the target does', () => {
    const tree = treeWith([dummy], { path: 'out/appups für' });
    const target = {
      executor: 'nx-otp:generate-appups',
      options: { outputPath: 'out/appups für', appupsPath: 'reviewed/Ω' },
    };
    writeReviewedAppups(tree, { project: 'dummy' }, graphOf({ plan: target }));
    expect(appupsIn(tree, 'reviewed/Ω')).toEqual(['dummy/0.1_to_0.2.appup']);
  });

  it('changes nothing where the same is written, whatever its line ends', () => {
    const tree = treeWith([dummy]);
    writeReviewedAppups(tree, { project: 'dummy' }, graphOf());
    const text = (tree.read(file, 'utf8') ?? '').replaceAll('\n', '\r\n');
    tree.write(file, text);
    writeReviewedAppups(tree, { project: 'dummy' }, graphOf());
    expect(tree.read(file, 'utf8')).toBe(text);
  });

  it('overwrites nothing, and then writes nothing else; with force it does', () => {
    const tree = treeWith([dummy, other], { files: { [file]: 'mine' } });
    expect(refused(tree)).toBe(
      `${file}: it says something else than what was planned. Delete it, or give --force to replace it.`,
    );
    expect(appupsIn(tree)).toEqual(['dummy/0.1_to_0.2.appup']);
    writeReviewedAppups(tree, { project: 'dummy', force: true }, graphOf());
    expect(tree.read(file, 'utf8')).toContain('{load_module, a}');
  });

  it('does not lose the section that a person wrote into the file, even with force', () => {
    const half = {
      ...dummy,
      sections: [section('up', '0.1', 'a', 'kept'), section('down', '0.1', 'b')],
    };
    const tree = treeWith([half], { files: { [file]: 'mine' } });
    expect(refused(tree, { force: true })).toBe(
      `${file}: its section up from is written by hand, and stays. Write the one down to into it, which generate-appups prints.`,
    );
    tree.delete(file);
    writeReviewedAppups(tree, { project: 'dummy' }, graphOf());
    expect(tree.read(file, 'utf8')).toContain(' [],\n [{"0.1", [');
  });

  it('says that there is nothing to write where all is written', () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const tree = treeWith([{ ...dummy, sections: [section('up', '0.1', 'a', 'kept')] }]);
    writeReviewedAppups(tree, { project: 'dummy' }, graphOf());
    expect(said.mock.calls).toEqual([
      [
        'dummy/dist/appups/appups.json: every section is written by hand already, so there is nothing to write.',
      ],
    ]);
    said.mockRestore();
    expect(tree.exists('dummy/rel/appups')).toBe(false);
  });

  it.each([
    ['is missing', undefined, 'there is no such file, so no appups were planned.'],
    ['is something else', '[]', 'this is not the index of a folder of generated appups.'],
    ['is cut off', '{"applications":[{', 'this is not the index of a folder of generated appups.'],
  ])('ends in the command to run where the plan %s', (_, text, problem) => {
    const tree = createTreeWithEmptyWorkspace();
    if (text !== undefined) tree.write('dummy/dist/appups/appups.json', text);
    expect(refused(tree)).toBe(
      `dummy/dist/appups/appups.json: ${problem} To plan appups: nx run dummy:generate-appups --previousRelease=PATH`,
    );
  });

  it('says which project it does not know, and what one needs', () => {
    const tree = treeWith([dummy]);
    expect(refused(tree, { project: 'dumy' })).toBe(
      'there is no project dumy. List the projects: nx show projects',
    );
    expect(refused(tree, {}, graphOf({}))).toBe(
      'the project dummy has no target that plans appups. A project gets one from its rel/reltool.config and "plugins": ["nx-otp"] in nx.json. To see its targets: nx show project dummy',
    );
    const outside = { ...planning, options: { outputPath: '../elsewhere' } };
    expect(refused(tree, {}, graphOf({ 'generate-appups': outside }))).toMatch(
      /^\.\.\/elsewhere: it lies outside of the workspace/,
    );
  });
});
