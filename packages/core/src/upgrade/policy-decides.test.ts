import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease } from '../../test/releases/build-release';
import { compileModules } from '../../test/releases/compile-modules';
import { policyInputs, readPolicy } from '../policy';
import type { Diagnostic } from '../rules';
import { generateAppups } from './generate-appups';
import { generateUpgrade } from './generate-upgrade';

let folder: string;
let releases: { previousReleases: string[]; release: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp policy ü-'));
  const module = (name: string, answer: number): string =>
    `-module(${name}).\n-export([f/0]).\nf() -> ${answer}.\n`;
  const one = await compileModules({ dummy: module('dummy', 1), other: module('other', 1) });
  const two = await compileModules({ dummy: module('dummy', 2), other: module('other', 2) });
  const release = (version: string, { dummy, other }: typeof one): Promise<string> =>
    buildRelease(join(folder, version), {
      version,
      applications: [
        { name: 'dummy', version, beams: { dummy: dummy.beam } },
        { name: 'other', version: '1', beams: { other: other.beam } },
      ],
    });
  releases = { previousReleases: [await release('0.1', one)], release: await release('0.2', two) };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function policyFile(name: string, policy: unknown): Promise<string> {
  await mkdir(join(folder, 'rel'), { recursive: true });
  const file = join(folder, 'rel', `${name}.json`);
  await writeFile(file, JSON.stringify(policy));
  return file;
}

const codes = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics
    .filter(({ code, severity }) => severity !== 'info' || code === 'code-changed-same-version')
    .map(({ code, severity, message, allowed }) =>
      [
        severity,
        code,
        ...(allowed === undefined ? [] : [allowed]),
        ...(message.match(/^\S+ is allowed/) ?? []),
      ].join(' '),
    );

const sameVersion = { rule: 'code-changed-same-version', application: 'other', reason: 'a debug line' };

it('what a project decides is in the appups, and in the package that is made of them', async () => {
  await policyFile('unused', {});
  await writeFile(
    join(folder, 'rel', 'transform.mjs'),
    `import { say } from './say.mjs'; export default ({ instructions }) => [say, ...instructions];`,
  );
  await writeFile(join(folder, 'rel', 'say.mjs'), `export const say = '{apply,{dummy,f,[]}}';`);
  const outputPath = join(folder, 'appups');
  expect((await refusal(generateAppups({ ...releases, outputPath }))).message).toContain(
    'error code-changed-same-version (other)',
  );
  const file = await policyFile('upgrade', {
    applications: { dummy: { modules: { dummy: { prePurge: 'soft_purge' } } } },
    allow: [
      sameVersion,
      { rule: 'stale-appup', application: 'dummy', reason: 'history' },
      { rule: 'file-in-the-way', reason: 'we copy it' },
    ],
    transforms: ['./transform.mjs'],
  });
  const appups = await generateAppups({ ...releases, outputPath, policy: await readPolicy(file) });
  expect((await readFile(join(outputPath, 'dummy.appup'), 'utf8')).replace(/\s+/g, '')).toContain(
    '{"0.1",[{apply,{dummy,f,[]}},{load_module,dummy,soft_purge,brutal_purge,[]}]}',
  );
  expect(await readFile(join(outputPath, 'appups.json'), 'utf8')).toContain('transform.mjs"');
  expect(codes(appups.diagnostics)).toEqual([
    'info code-changed-same-version a debug line',
    'warning allowance-unused stale-appup is allowed',
  ]);
  const upgrade = await generateUpgrade({
    ...releases,
    appups: outputPath,
    outputPath: join(folder, 'upgrade'),
  });
  expect(codes(upgrade.diagnostics)).toEqual([
    'info code-changed-same-version a debug line',
    'warning allowance-unused file-in-the-way is allowed',
  ]);
  const rel = (name: string): string => join(folder, 'rel', name);
  expect(await policyInputs(file)).toEqual([rel('say.mjs'), rel('transform.mjs'), rel('upgrade.json')]);
});

it('a policy that fits nothing in the releases is in the way', async () => {
  const file = await policyFile('unmatched', { applications: { dumy: {} }, allow: [sameVersion] });
  const options = { ...releases, outputPath: join(folder, 'none'), policy: await readPolicy(file) };
  const { code, message } = await refusal(generateAppups(options));
  expect(code).toBe('upgrade-blocked');
  expect(message).toContain('error policy-unmatched (dumy)');
});

it.each([
  ['{', 'it is no JSON'],
  ['{"allow":[{"rule":"no-relup","reason":"x"}]}', 'allow[0].rule: there is no rule no-relup.'],
  ['{"transforms":["./gone.mjs"]}', 'gone.mjs: there is no such transform.'],
])('the policy %s is refused', async (text, message) => {
  const file = join(folder, 'wrong.json');
  await writeFile(file, text);
  expect((await refusal(readPolicy(file))).message).toContain(message);
  expect(await policyInputs(file)).toEqual([file]);
});

it.each([
  [
    'deletes everything',
    '() => []',
    'error change-not-covered (dummy): dummy changed, but no instruction of the section "up from 0.1"',
  ],
  [
    'gives back an instruction twice',
    '({ instructions }) => [...instructions, ...instructions]',
    'error muldef-module (dummy): dummy.appup: module dummy has another instruction already',
  ],
])('a transform that %s is found out', async (what, code, finding) => {
  await mkdir(join(folder, 'rel'), { recursive: true });
  await writeFile(join(folder, 'rel', `${what}.mjs`), `export default ${code};`);
  const policy = await readPolicy(
    await policyFile(what, { allow: [sameVersion], transforms: [`./${what}.mjs`] }),
  );
  const outputPath = join(folder, `appups of ${what}`);
  expect((await refusal(generateAppups({ ...releases, outputPath, policy }))).message).toContain(finding);
});
