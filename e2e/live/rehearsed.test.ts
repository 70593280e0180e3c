// Each diagnostic of planning that predicts a failure is allowed here, by the policy, and the upgrade is rehearsed: what was
// predicted must be seen. The same releases without the mistakes must pass.

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { generateUpgrade, readPolicy, rehearseUpgrade, type Rehearsal } from '@nx-otp/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtReleases } from '../support/live/built-releases.js';
import type { BuiltRelease } from '../support/live/build.js';
import type { LiveRelease } from '../support/live/scenario.js';
import { alone, together, type Mistake } from './scenarios/rehearsed.js';
import { rules, type RuleCode } from '../../packages/core/src/rules/codes.js';

/** Why nothing of these can be seen in a rehearsal of one upgrade on this machine. */
const nothingToShow: Partial<Record<RuleCode, string>> = {
  'allowance-unused': 'about the configuration; the node does what it does without the entry',
  'policy-unmatched': 'about the configuration; the node does what it does without the name',
  'stale-appup': 'nothing of that appup is used; what is planned in its place is judged by itself',
  'facts-unknown': 'predicts nothing: what could not be read may be right',
  'children-unknown': 'predicts nothing: children that are missing are found under children-changed',
  'processes-unknown': 'predicts nothing: an update that finds nobody is found under code-change-not-called',
  'state-unknown': 'predicts nothing: a state of another shape is found under state-not-converted',
  'bases-differ': 'a rehearsal has one base; what is wrong for another base is seen when that is rehearsed',
  'file-not-shipped': 'predicts nothing of the node: the old start script may do for the new release',
  'config-provider-changed': 'of Elixir, which these releases do not hold',
  'sys-config-placeholders': 'of the start script of relx, which these releases do not hold',
  'erts-differs': 'needs a second emulator; its restart is found under emulator-restart',
  'otp-differs': 'needs a second OTP; its restart is found under emulator-restart',
  'architecture-differs': 'needs an emulator for another machine',
};

const sharedRelease: LiveRelease = {
  name: 'mistakes',
  scenarios: together.map((mistake, index) => scenario(mistake, index, mistake.applications)),
};
const mendedRelease: LiveRelease = {
  name: 'without mistakes',
  scenarios: together.map((mistake, index) =>
    scenario(mistake, index, mistake.mended ?? mistake.applications, true),
  ),
};
const singles = alone.map((mistake, index) => ({
  mistake,
  release: {
    name: `mistake ${index + 1}`,
    scenarios: [scenario(mistake, index, mistake.applications)],
  } satisfies LiveRelease,
}));

const release = builtReleases([sharedRelease, mendedRelease, ...singles.map((single) => single.release)]);
const rehearsals = new Map<string, Promise<Rehearsal>>();

beforeAll(() => {
  const waiting = [
    () => [sharedRelease.name, rehearse(sharedRelease.name, together)] as const,
    () => [mendedRelease.name, rehearse(mendedRelease.name, together, true)] as const,
    ...singles.map(
      ({ mistake, release: { name } }) =>
        () =>
          [name, rehearse(name, [mistake])] as const,
    ),
  ];
  // Most of a rehearsal is waiting: several at a time, in their order.
  const turns: Promise<unknown>[] = [];
  const names = [sharedRelease.name, mendedRelease.name, ...singles.map((single) => single.release.name)];
  waiting.forEach((start, index) => {
    const name = names[index] ?? '';
    const before = turns[index - 3] ?? Promise.resolve();
    const made = before.then(() => start()[1]);
    turns.push(made.catch(() => undefined));
    made.catch(() => undefined);
    rehearsals.set(name, made);
  });
});

describe('what planning predicts is seen in the rehearsal', () => {
  test.each(together)('$code: $predicts', async ({ shows }) => {
    expectShown(await rehearsals.get(sharedRelease.name), shows);
  });

  test.each(singles.map(({ mistake, release: { name } }) => ({ ...mistake, release: name })))(
    '$code: $predicts',
    async ({ release: name, shows, node }) => {
      const rehearsal = await rehearsals.get(name);
      expectShown(rehearsal, shows);
      if (node !== undefined) expect(rehearsal?.aftermath?.node).toBe(node);
    },
  );

  test('the same without the mistakes passes', async () => {
    const rehearsal = await rehearsals.get(mendedRelease.name);
    expect(
      rehearsal?.steps.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
    expect(rehearsal?.passed).toBe(true);
  });

  test('every diagnostic of planning is shown, or there is a reason why it is not', () => {
    const planning = Object.entries(rules)
      .filter(([, { stage }]) => stage === 'plan' || stage === 'package')
      .map(([code]) => code);
    const shown = [...together, ...alone].map(({ code }) => code);
    expect([...new Set(shown), ...Object.keys(nothingToShow)].sort()).toEqual(planning.sort());
  });
});

function expectShown(
  rehearsal: Rehearsal | undefined,
  { code, severity = 'error', module, text, instruction }: Mistake['shows'],
): void {
  const findings = rehearsal?.steps.flatMap((step) => step.findings) ?? [];
  const of = findings.filter((finding) => finding.code === code);
  expect(rehearsal?.passed).toBe(false);
  expect(of.length > 0 ? of : findings).toContainEqual(
    expect.objectContaining({
      code,
      severity,
      text: expect.stringMatching(text) as string,
      ...(module !== undefined && { module }),
      ...(instruction !== undefined && {
        instruction: expect.objectContaining({
          instruction: expect.stringMatching(instruction) as string,
        }) as object,
      }),
    }),
  );
}

/** Names are unique in a release; a rule may have two mistakes. */
function scenario(
  { code, predicts, appups, config }: Mistake,
  index: number,
  applications: Mistake['applications'],
  isMended = false,
): LiveRelease['scenarios'][number] {
  return {
    name: `${index + 1} ${code}`,
    promise: predicts,
    applications,
    load: [],
    ...(appups !== undefined && !isMended && { appups }),
    ...(config !== undefined && { config }),
  };
}

async function rehearse(name: string, mistakes: readonly Mistake[], isMended = false): Promise<Rehearsal> {
  const { built } = release(name);
  if (!isMended)
    for (const { spoil: how, applications } of mistakes) spoil(built, how, applications[0]?.name ?? '');
  const place = dirname(built.v1);
  const policy = join(place, 'upgrade.json');
  const appups = join(place, 'appups');
  mkdirSync(appups, { recursive: true });
  const reviewed = Object.entries(
    Object.assign({}, ...built.release.scenarios.map((one) => one.appups)) as object,
  );
  for (const [application, text] of reviewed)
    writeFileSync(join(appups, `${application}.appup`), String(text));
  const allow = mistakes.flatMap(({ code, about, alsoAllowed = [] }) =>
    [{ rule: code, ...about }, ...alsoAllowed].map((entry) => ({ ...entry, reason: 'to see what happens' })),
  );
  writeFileSync(policy, JSON.stringify(isMended ? {} : { allow }));
  const { path, diagnostics } = await generateUpgrade({
    previousReleases: [built.v1],
    release: built.v2,
    outputPath: join(place, 'upgrade'),
    appupsPath: appups,
    policy: await readPolicy(policy),
  });
  if (!isMended) {
    for (const { code, about } of mistakes) {
      expect(diagnostics).toContainEqual(expect.objectContaining({ code, ...about }));
    }
    expect(diagnostics.filter((diagnostic) => diagnostic.code === 'allowance-unused')).toEqual([]);
  }
  const given = isMended ? [] : mistakes;
  return rehearseUpgrade({
    previousRelease: built.v1,
    upgradePackage: path,
    settleTime: 100,
    probes: {
      booted: given.flatMap(({ booted = [] }) => booted),
      during: ['erlang:system_info(version)', ...mistakes.flatMap(({ during = [] }) => during)],
      upgraded: given.flatMap(({ upgraded = [] }) => upgraded),
    },
  });
}

function spoil({ v1, v2 }: BuiltRelease, how: Mistake['spoil'], application: string): void {
  const releases = join(v1, 'releases', 'RELEASES');
  const changeReleases = (change: (text: string) => string): void => {
    const text = readFileSync(releases, 'utf8');
    const next = change(text);
    if (next === text) throw new Error(`nothing to change in:\n${text}`);
    writeFileSync(releases, next);
  };
  switch (how) {
    case undefined:
      break;
    case 'native library': {
      const library = nativeLibrary();
      for (const [root, version, more] of [
        [v1, '1', ''],
        [v2, '2', '\n'],
      ] as const) {
        const content = Buffer.concat([readFileSync(library), Buffer.from(more)]);
        writeFileSync(join(root, 'lib', `dyntrace-${version}`, 'priv', 'dyntrace.so'), content);
      }
      break;
    }
    case 'not listed':
      for (const [root, version] of [
        [v1, '1'],
        [v2, '2'],
      ] as const) {
        const app = join(root, 'lib', `${application}-${version}`, 'ebin', `${application}.app`);
        writeFileSync(app, readFileSync(app, 'utf8').replace(/, \w+_extra\]/, ']'));
      }
      break;
    case 'strip': {
      const beams = [v1, v2].flatMap((root) =>
        readdirSync(join(root, 'lib'))
          .filter((folder) => folder.startsWith(`${application}-`))
          .map((folder) => join(root, 'lib', folder, 'ebin', `${application}_server.beam`)),
      );
      for (const beam of beams) {
        execFileSync('erl', ['+fnu', '-noshell', '-eval', stripTo, '-extra', beam]);
      }
      break;
    }
    case 'no RELEASES':
      rmSync(releases);
      break;
    case 'other RELEASES':
      changeReleases((text) => text.replace('"live","1"', '"live","0"'));
      break;
    case 'stale RELEASES':
      changeReleases((text) => text.replaceAll(/"(\.\/)?lib\//g, '"nowhere/lib/'));
      break;
    case 'absolute RELEASES':
      changeReleases((text) => text.replaceAll(/"(\.\/)?lib\//g, `"${v1}/lib/`));
      break;
    case 'no sys.config':
      rmSync(join(v2, 'releases', '2', 'sys.config'));
      break;
    case 'file in the way': {
      const folder = join(v1, 'lib', `${application}-2`, 'ebin');
      mkdirSync(folder, { recursive: true });
      copyFileSync(
        join(v1, 'lib', `${application}-1`, 'ebin', `${application}.beam`),
        join(folder, `${application}.beam`),
      );
      break;
    }
  }
}

const stripTo = `
  [File] = init:get_plain_arguments(), {ok, _} = beam_lib:strip(File), halt(0).`.replaceAll('\n', ' ');

function nativeLibrary(): string {
  const folder = execFileSync(
    'erl',
    ['-noshell', '-eval', 'io:put_chars(code:priv_dir(runtime_tools)), halt(0).'],
    {
      encoding: 'utf8',
    },
  );
  const library = join(folder, 'lib', 'dyntrace.so');
  if (!existsSync(library)) throw new Error(`there is no ${library}`);
  return library;
}
