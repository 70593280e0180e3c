import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { added, changed } from '../../test/releases/literal-facts';
import { literalPair } from '../../test/releases/literal-pair';
import { noPolicy, parseAppup, type Appup } from '../appup';
import { readTerms } from '../erlang';
import { formatAppups } from '../report/appup-text';
import { planAppups } from '../upgrade/plan-appups';
import { loadTransforms } from './load-transforms';
import { transformImports } from './transform-imports';
import { transformSections } from './transform-sections';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp transform ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

const pair = literalPair({
  dummy: { modules: [changed('m', { exports: ['f/0'] }, { exports: ['f/0', 'g/0'] }), added('n', {})] },
});

async function transformed(
  path: string,
  { kept = [], milliseconds = 20_000 }: { kept?: readonly Appup[]; milliseconds?: number } = {},
): Promise<string> {
  const keptAppups = new Map([['dummy', kept]]);
  const { appups } = planAppups([pair], keptAppups, noPolicy, 'dependencies');
  const transforms = loadTransforms([path], { milliseconds });
  const result = await transformSections(appups, [pair.difference], keptAppups, transforms);
  return formatAppups(result).replaceAll(path, 'FILE');
}

describe('a transform', () => {
  it('sees the section with its facts, and gives back texts, reasons and what it was given, in any order', async () => {
    const path = await file(
      'all.mjs',
      `export default async ({ application, direction, from, to, instructions, modules }) => {
         if (direction === 'down') return undefined;
         const exports = modules.map(({ name, kind, next }) => name + ' ' + kind + ' ' + next.exports).join('; ');
         return [
           { text: '{apply,{m,say,[]}}', reason: [application, from, to, exports].join(' ') },
           ...instructions.toReversed(),
           '{apply,{m,done,[]}}.',
         ];
       };`.replace('instructions.toReversed()', '[...instructions].reverse()'),
    );
    const before = await transformed(await file('none.mjs', 'export const transform = () => undefined;'));
    const after = await transformed(path);
    const lines = (text: string, from: string): string[] => {
      const all = text.split('\n');
      const start = all.findIndex((line) => line.includes(from));
      const end = all.findIndex((line, at) => at > start && line.startsWith('  ') && !line.startsWith('   '));
      return all.slice(start + 1, end < 0 ? undefined : end).map((line) => line.trim());
    };
    const up = lines(before, 'up from 1');
    expect(up).toHaveLength(4);
    expect(lines(after, 'up from 1')).toEqual(
      [
        '{apply, {m, say, []}}',
        '% dummy 1 2 m changed f/0,g/0; n added ',
        ...up.slice(2),
        ...up.slice(0, 2),
        '{apply, {m, done, []}}',
        '% from FILE',
      ].map((line) => line.trim()),
    );
    expect(lines(after, 'down to 1')).toEqual(lines(before, 'down to 1'));
  });

  it('may be CommonJS, and what it prints or keeps does not matter', async () => {
    const path = await file(
      'old.cjs',
      `module.exports = ({ instructions }) => instructions.map((i) => i.text);`,
    );
    expect(await transformed(path)).toBe(
      await transformed(await file('none.mjs', 'export const transform = () => undefined;')),
    );
  });

  it('is not asked about what a person wrote, and the appup stays consistent', async () => {
    const path = await file('empty.mjs', 'export default () => [];');
    const kept = parseAppup(readTerms('{"2",[{"1",[{load_module,m}]}],[]}.', 'dummy.appup'), 'dummy.appup');
    const keptAppups = new Map([['dummy', [kept]]]);
    const { appups } = planAppups([pair], keptAppups, noPolicy, 'dependencies');
    const [result] = await transformSections(appups, [pair.difference], keptAppups, loadTransforms([path]));
    expect(result?.appup.up).toEqual(kept.up);
    expect(result?.appup.down).toEqual([{ version: { kind: 'exact', version: '1' }, instructions: [] }]);
    expect(result?.sections.map(({ origin }) => origin.kind)).toEqual(['kept', 'generated']);
  });

  it.each([
    [
      'throws',
      `() => { throw new Error('no such luck'); }`,
      ':1:30: it failed: no such luck (dummy up from 1 to 2).',
    ],
    ['rejects', `() => Promise.reject('why')`, ": it failed: 'why' (dummy up from 1 to 2)."],
    [
      'gives back no list',
      `() => ({ a: 1 })`,
      ': it gave back [Object] for dummy up from 1 to 2.'.replace('[Object]', '{ a: 1 }'),
    ],
    ['gives back a number', `() => [7]`, ': instruction 1 of dummy up from 1 to 2 is 7.'],
    [
      'gives back a promise of one',
      `({ instructions }) => [...instructions, Promise.resolve(1)]`,
      'instruction 3 of dummy up from 1 to 2 is Promise',
    ],
    [
      'gives back what is no Erlang',
      `() => ['{load_module']`,
      ': instruction 1 of dummy up from 1 to 2, "{load_module": expected',
    ],
    [
      'gives back what is no instruction',
      `() => ['{load,m}']`,
      ': instruction 1 of dummy up from 1 to 2, "{load,m}": {load, m} is not an instruction of an appup.',
    ],
    [
      'has a reason that is none',
      `() => [{ text: '{load_module,m}', reason: 1 }]`,
      ': the reason of instruction 1 of dummy up from 1 to 2 is 1.',
    ],
    [
      'changes what it was given',
      `({ instructions }) => { instructions[0].text = 'x'; return instructions; }`,
      "it failed: Cannot assign to read only property 'text'",
    ],
    [
      'changes the structured form',
      `({ instructions }) => instructions.map((i) => ({ ...i, instruction: { ...i.instruction, module: 'x' } }))`,
      'has another structured form than it was given with. Only the text counts',
    ],
    [
      'leaves the process',
      `() => process.exit(0)`,
      ': it ended without an answer (dummy up from 1 to 2): it called process.exit.',
    ],
    [
      'fails on its own',
      `() => { setImmediate(() => { throw new Error('later'); }); return new Promise(() => {}); }`,
      ': it ended without an answer (dummy up from 1 to 2): later.',
    ],
    ['is no function', '7', ': it exports no function.'],
    [
      'gives back two instructions in one text',
      `() => ['{load_module,m}. {load_module,n}']`,
      ': instruction 1 of dummy up from 1 to 2, "{load_module,m}. {load_module,n}": expected one Erlang term, found 2.',
    ],
    [
      'gives back an object that contains itself',
      `() => { const one = { a: 1 }; one.self = one; return [one]; }`,
      ': instruction 1 of dummy up from 1 to 2 is <ref *1> { a: 1, self: [Circular *1] }.',
    ],
    [
      'gives back a list that contains itself',
      `() => { const all = []; all.push(all); return all; }`,
      ': instruction 1 of dummy up from 1 to 2 is <ref *1> [ [Circular *1] ].',
    ],
    [
      'gives back something large',
      `() => [{ a: 'x'.repeat(1e6), b: Array.from({ length: 1e5 }) }]`,
      "xxx'... 999900 more characters, b: [ undefined, undefined, undefined, ... 99997 more items ] }.",
    ],
    [
      'gives back what throws when it is looked at',
      `() => [{ get text() { throw new Error('not that'); } }]`,
      ':1:44: it failed: not that (dummy up from 1 to 2).',
    ],
  ])('that %s is refused', async (what, code, message) => {
    const path = await file(`${what}.mjs`, `export default ${code};`);
    const refused = await refusal(transformed(path));
    expect(refused.code).toBe('transform');
    expect(refused.message).toContain(message);
    expect(refused.message).not.toContain('    at ');
  });

  it('that is no JavaScript is refused with its line', async () => {
    const path = await file('syntax ü.mjs', 'export default () => {\n  return [;\n};\n');
    expect(await refusal(transformed(path))).toEqual({
      code: 'transform',
      message: `${path}:2:11: this is no JavaScript: Unexpected token ';'. Mend the transform.`,
    });
    const imported = await file('syntax/imported.mjs', '\n\nexport const = 1;\n');
    const importing = await file('syntax.mjs', `import './syntax/imported.mjs'; export default () => [];`);
    expect((await refusal(transformed(importing))).message).toBe(
      `${imported}:3:14: this is no JavaScript: Unexpected token '='. Mend the transform.`,
    );
    const none = await file('none.mjs', `import { nothing } from 'node:fs'; export default () => [];`);
    expect((await refusal(transformed(none))).message).toMatch(
      /none\.mjs: it failed: The requested module 'node:fs' does not provide an export named 'nothing'/,
    );
  });

  it.each(['.ts', '.mts', '.cts'])('may be TypeScript (%s) where this Node runs it', async (extension) => {
    const text = `(): string[] => ['{load_module, m}'];`;
    const path = await file(
      `typed${extension}`,
      extension === '.cts' ? `module.exports = ${text}` : `export default ${text}`,
    );
    const runs = 'typescript' in process.features && process.features.typescript !== false;
    const result = await transformed(path).catch((error: unknown) => String(error));
    expect(result).toBe(
      runs
        ? 'dummy 2\n  up from 1\n    {load_module, m}\n      % from FILE\n  down to 1\n    {load_module, m}\n      % from FILE'
        : `OtpError: ${path}: Node ${process.versions.node} does not run TypeScript. Run Nx with Node 22.18 or newer, which does, or compile the transform to a .mjs and name that.`,
    );
  });

  it('may give back very many instructions, and take them again', async () => {
    const many = await file(
      'many.mjs',
      `export default ({ instructions }) => instructions.length < 9 ? Array.from({ length: 10_000 }, (_, at) => \`{apply,{m,f,[\${at}]}}\`) : instructions.map((one, at) => at % 2 ? one : { ...one }).map((one, at) => at % 3 ? one : one.text);`,
    );
    const keptAppups = new Map<string, readonly Appup[]>();
    const { appups } = planAppups([pair], keptAppups, noPolicy, 'dependencies');
    const start = Date.now();
    const [result] = await transformSections(
      appups,
      [pair.difference],
      keptAppups,
      loadTransforms([many, many]),
    );
    expect(result?.appup.up[0]?.instructions).toHaveLength(10_000);
    expect(Date.now() - start).toBeLessThan(20_000);
  });

  it.each([
    ['by a loop', '() => { for (;;); }'],
    ['by a promise', '() => new Promise(() => {})'],
  ])('that never ends %s is stopped', async (what, code) => {
    const path = await file(`endless ${what}.mjs`, `export default ${code};`);
    const refused = await refusal(transformed(path, { milliseconds: 500 }));
    expect(refused.message).toContain(
      ': it has not answered within 0.5 s (dummy up from 1 to 2). Look for a loop',
    );
  });

  it('must be there, and be JavaScript', async () => {
    const none = async (path: string): Promise<string> =>
      (await refusal(Promise.resolve().then(() => loadTransforms([path])))).message;
    expect(await none(join(folder, 'missing.mjs'))).toContain('there is no such transform.');
    expect(await none(await file('x.txt', ''))).toContain('a transform is a JavaScript module.');
  });

  it('counts with everything it names by a relative path', async () => {
    const path = await file(
      'imports/a.mjs',
      `import './b.js'; import fast from 'fast-glob'; await import("../imports/c/d.cjs"); export * from './missing.js';`,
    );
    await file('imports/b.js', `const x = require('./e');`);
    await file('imports/c/d.cjs', `new URL(\`./f.json\`, x); import './d.cjs'`);
    await file('imports/c/f.json', '{}');
    await file('imports/e/index.js', `require('..')`);
    await file('imports/other.mjs', '');
    const found = await transformImports([path]);
    expect(found.map((one) => relative(join(folder, 'imports'), one))).toEqual([
      'a.mjs',
      'b.js',
      'c/d.cjs',
      'c/f.json',
      'e/index.js',
    ]);
  });
});
