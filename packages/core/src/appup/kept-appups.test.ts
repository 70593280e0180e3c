import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease } from '../../test/releases/build-release';
import { changed } from '../../test/releases/literal-facts';
import { printTerm } from '../erlang';
import { readRelease, type Application } from '../release';
import { appupToTerm } from './appup-file';
import { assembleAppup } from './assemble-appup';
import { readKeptAppups } from './kept-appups';
import { planInstructions } from './plan-appup';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp kept ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The application `x` 2, with this appup in it. */
async function application(shipped?: string): Promise<Application> {
  const files: Record<string, string> = shipped === undefined ? {} : { 'ebin/x.appup': shipped };
  const applications = [{ name: 'x', version: '2', files }];
  const release = await readRelease(
    await buildRelease(join(folder, `release ${++count}`), { version: '2', applications }),
  );
  const [x] = release.applications.filter(({ name }) => name === 'x');
  if (x === undefined) throw new Error('there is no x');
  return x;
}

/** A folder of reviewed appups. */
async function reviewed(files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, `appups ${++count}`);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const text = (versions: string, mark: string, version = '2'): string =>
  `{"${version}", [{${versions}, [{load_module, ${mark}}]}], [{${versions}, [{load_module, ${mark}}]}]}.\n`;

describe('the appups that people wrote', () => {
  it('count in the order: for the pair, for the application, shipped with it', async () => {
    const appupsPath = await reviewed({
      'x.appup': text('<<".*">>', 'c'),
      'x/1_to_2.appup': text('"1"', 'a'),
      'x/more.appup': text('<<".*">>', 'b'),
      'x/1_to_1.5.appup': 'history, never read again',
      'xy/1_to_2.appup': 'of another application',
      'y.appup': 'of another application',
    });
    const kept = await readKeptAppups(await application(text('"1"', 'd')), appupsPath);
    expect(kept.map(({ file }) => file.slice(folder.length).replace(/^\/[^/]+\//, ''))).toEqual([
      'x/1_to_2.appup',
      'x/more.appup',
      'x.appup',
      'lib/x-2/ebin/x.appup',
    ]);
  });

  it('need not exist, nor their folder', async () => {
    expect(await readKeptAppups(await application(), undefined)).toEqual([]);
    expect(await readKeptAppups(await application(), join(folder, 'none'))).toEqual([]);
  });

  it('count for exactly the pair they are named for', async () => {
    const appupsPath = await reviewed({ 'x/1.5_to_2.appup': text('<<".*">>', 'a') });
    const [kept] = await readKeptAppups(await application(), appupsPath);
    expect(kept && printTerm(appupToTerm(kept))).toBe(
      '{"2", [{"1.5", [{load_module, a}]}], [{"1.5", [{load_module, a}]}]}',
    );
  });

  it('are an error where they are named for a pair and have no section for it', async () => {
    const appupsPath = await reviewed({ 'x/1_to_2.appup': text('"1.0"', 'a') });
    expect(await refusal(readKeptAppups(await application(), appupsPath))).toEqual({
      code: 'reviewed-appup',
      message: `${appupsPath}/x/1_to_2.appup: it is named for the upgrade from 1, and none of its sections is for that version. Write {"1", [INSTRUCTION]} into it, or name it for the version that it is for.`,
    });
  });

  it('may hold more terms: OTP reads the first', async () => {
    expect(
      await readKeptAppups(await application(`${text('"1"', 'a')} whatever follows`), undefined),
    ).toHaveLength(1);
  });

  it('name file and line where they cannot be read', async () => {
    const wrong = '{"2",\n [{"1", [}],\n []}.\n';
    const appupsPath = await reviewed({ 'x.appup': wrong });
    const inProject = await refusal(readKeptAppups(await application(), appupsPath));
    expect(inProject.code).toBe('term-syntax');
    expect(inProject.message).toContain(`${appupsPath}/x.appup:2:10: `);
    const shipped = await refusal(readKeptAppups(await application(wrong), undefined));
    expect(shipped.message).toContain('/lib/x-2/ebin/x.appup:2:10: ');
    const shape = await refusal(readKeptAppups(await application('{"2",\n up,\n []}.'), undefined));
    expect(shape.message).toContain(
      '/lib/x-2/ebin/x.appup:2:2: the up from sections must be a list, found up.',
    );
  });
});

describe('the appup of an application', () => {
  async function assemble(shipped: string | undefined, ...froms: string[]) {
    const next = await application(shipped);
    const kept = await readKeptAppups(next, undefined);
    const planned = assembleAppup({ name: 'x', version: '2' }, froms, kept, (direction) =>
      planInstructions({ name: 'x', modules: [changed('m')] }, direction),
    );
    return {
      appup: printTerm(appupToTerm(planned.appup)),
      sections: planned.sections.map(
        ({ direction, version, origin }) => `${direction} ${version} ${origin.kind}`,
      ),
      stale: planned.stale.length,
    };
  }

  it('is generated for each version of a base', async () => {
    expect(await assemble(undefined, '1', '1.5')).toEqual({
      appup:
        '{"2", [{"1", [{load_module, m}]}, {"1.5", [{load_module, m}]}],\n [{"1", [{load_module, m}]}, {"1.5", [{load_module, m}]}]}',
      sections: ['up 1 generated', 'down 1 generated', 'up 1.5 generated', 'down 1.5 generated'],
      stale: 0,
    });
  });

  it('is the kept one where that has a section, exact or by pattern, and completed where it lacks one', async () => {
    const kept = '{"2", [{"1", [{update, m}]}, {<<"1\\\\.[0-9]">>, []}], [{"1", []}, {"0", []}]}.';
    const { appup, sections } = await assemble(kept, '1', '1.5');
    expect(sections).toEqual(['up 1 kept', 'down 1 kept', 'up 1.5 kept', 'down 1.5 generated']);
    expect(appup.replace(/\s+/g, '')).toBe(
      '{"2",[{"1",[{update,m}]},{<<"1\\\\.[0-9]">>,[]}],[{"1",[]},{"0",[]},{"1.5",[{load_module,m}]}]}',
    );
  });

  it('is generated where the kept one is for another version, which is stale', async () => {
    const { appup, sections, stale } = await assemble(text('"1"', 'other', '1.9'), '1');
    expect(sections).toEqual(['up 1 generated', 'down 1 generated']);
    expect(appup).toBe('{"2", [{"1", [{load_module, m}]}], [{"1", [{load_module, m}]}]}');
    expect(stale).toBe(1);
  });

  it('names file, line and section where an instruction is none', async () => {
    const { code, message } = await refusal(assemble('{"2",\n [{"1",\n   [{loud_module, m}]}],\n []}.', '1'));
    expect(code).toBe('bad_instruction');
    expect(message).toMatch(/\/lib\/x-2\/ebin\/x\.appup:3:5: .*\(in the section for "1"\)/);
  });
});
