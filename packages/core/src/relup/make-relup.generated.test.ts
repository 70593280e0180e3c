import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askOtp } from '../../test/relup-oracle/ask-otp';
import { Dependencies, differenceOf } from '../../test/relup-oracle/compare-scripts';
import { filesOf, generateRelupCase, type RelupCase } from '../../test/relup-oracle/generate-releases';
import { generated, Random } from '../../test/random';
import { findSection } from '../appup/appup-file';
import { instructionToTerm } from '../appup/instruction';
import {
  atom,
  list,
  listElements,
  printTerm,
  string,
  termsEqual,
  tuple,
  tupleOf,
  type Term,
} from '../erlang';
import { makeRelup } from './make-relup';
import { relupToTerm, type Relup } from './relup';
import type { Script } from './script';
import { startOrder } from './start-order';
import { upgradeScripts, type RelupOrder } from './upgrade-scripts';

describe('generated releases', () => {
  it('give the relups and the refusals of systools:make_relup/4', async () => {
    const { seed, count } = generated('MAKE_RELUP', 250);
    const cases = Array.from({ length: count }, (_, index) => generateRelupCase(new Random(seed + index)));
    const answers = await askOtp((folder) =>
      cases.map((relupCase, index) => question(join(folder, `${index}`), relupCase)),
    );

    const differences: string[] = [];
    const kinds = new Set<string>();
    let made = 0;
    cases.forEach((relupCase, index) => {
      const [tag, content, warnings] = elements(answers[index]);
      const { relup, problems, diagnostics } = make(relupCase);
      const differs = (what: string): void => {
        const ours = problems.map(({ kind, problem }) => `${kind}: ${problem}`).join('\n');
        differences.push(
          [
            `seed ${seed + index}: ${what}`,
            ...filesOf(relupCase).map((file) => printTerm(file)),
            `otp  ${content === undefined ? '' : printTerm(content)}`,
            `ours ${relup === undefined ? ours : printTerm(relupToTerm(relup))}`,
          ].join('\n'),
        );
      };
      if (nameOf(tag) === 'error') {
        const kind = nameOf(content);
        kinds.add(kind);
        const isNamed = problems.some((problem) => problem.kind === kind);
        // On an improper list systools crashes.
        if (!isNamed && !(kind === 'crash' && problems.length > 0)) differs(`refused, ${kind}`);
        return;
      }
      made++;
      if (relup === undefined || content === undefined) {
        differs('made');
        return;
      }
      const ourWarnings = [...new Set(diagnostics.map(({ kind }) => kind as string))].sort();
      if (ourWarnings.join() !== elements(warnings).map(nameOf).join()) differs('warnings');
      const difference = differenceOfRelups(relupCase, relupToTerm(relup), content);
      if (difference !== undefined) differs(difference);
    });

    expect(
      differences.slice(0, 3).join('\n\n'),
      `${differences.length} of ${count} differ, MAKE_RELUP_SEED=${seed}`,
    ).toBe('');
    expect(made).toBeGreaterThan(count / 3);
    expect(kinds.size).toBeGreaterThan(8);
  });
});

describe('the order of added and removed applications', () => {
  const { seed, count } = generated('RELUP_ORDER', 1000);
  const cases = Array.from({ length: count }, (_, index) => generateRelupCase(new Random(seed + index), 0));

  it('is all that differs between the orders otp and dependencies', () => {
    let differing = 0;
    cases.forEach((relupCase, index) => {
      const [otp, byDependencies] = [make(relupCase, 'otp'), make(relupCase, 'dependencies')];
      expect(byDependencies.problems, `RELUP_ORDER_SEED=${seed + index}`).toEqual(otp.problems);
      const sameScripts: boolean[] = [];
      forEachPair(relupCase, (pair) => {
        const one = segments(upgradeScripts({ ...pair, order: 'otp' }).scripts);
        const other = segments(upgradeScripts({ ...pair, order: 'dependencies' }).scripts);
        expect(other.others, `RELUP_ORDER_SEED=${seed + index}`).toEqual(one.others);
        expect([...other.added].sort(), `RELUP_ORDER_SEED=${seed + index}`).toEqual([...one.added].sort());
        expect([...other.removed].sort(), `RELUP_ORDER_SEED=${seed + index}`).toEqual(
          [...one.removed].sort(),
        );
        sameScripts.push(other.all.join() === one.all.join());
      });
      if (!sameScripts.includes(false))
        expect(byDependencies.relup, `RELUP_ORDER_SEED=${seed + index}`).toEqual(otp.relup);
      else if (otp.relup !== undefined && byDependencies.relup !== undefined) {
        differing++;
        expect(sortedInstructions(byDependencies.relup), `RELUP_ORDER_SEED=${seed + index}`).toEqual(
          sortedInstructions(otp.relup),
        );
      }
    });
    expect(differing).toBeGreaterThan(count / 20);
  });

  it('by default starts an application after those it uses, and stops it before them', () => {
    let checked = 0;
    cases.forEach((relupCase, index) => {
      forEachPair(relupCase, (pair) => {
        const { added, removed } = segments(upgradeScripts({ ...pair, order: 'dependencies' }).scripts);
        const [from, to] = pair.direction === 'up' ? [pair.previous, pair.next] : [pair.next, pair.previous];
        for (const [release, order] of [
          [to.release, added],
          [from.release, [...removed].reverse()],
        ] as const) {
          // The user of an included application waits for the application at its top instead.
          if (release.applications.some(({ includedApplications }) => includedApplications.length > 0))
            continue;
          for (const { name, resource } of release.applications) {
            for (const used of resource.applications) {
              if (!order.includes(name) || !order.includes(used)) continue;
              checked++;
              expect(order.indexOf(used), `RELUP_ORDER_SEED=${seed + index}`).toBeLessThan(
                order.indexOf(name),
              );
            }
          }
        }
      });
    });
    expect(checked).toBeGreaterThan(count / 20);
  });
});

type Pair = Omit<Parameters<typeof upgradeScripts>[0], 'order'>;

function forEachPair({ next, previous, appups }: RelupCase, visit: (pair: Pair) => void): void {
  const ordered = (release: RelupCase['next']) => ({ release, startOrder: startOrder(release).applications });
  for (const base of previous) {
    for (const direction of ['up', 'down'] as const) {
      visit({
        direction,
        next: ordered(next),
        previous: ordered(base.release),
        appups: (name) => appups.get(name),
        restartEmulator: false,
      });
    }
  }
}

/** The applications that scripts add and remove by themselves, and the other scripts printed, each in their order. */
function segments(scripts: readonly Script[]) {
  const made = (script: Script, name: string): boolean =>
    script.file === undefined && script.instructions.some(({ term }) => tupleOf(term, name) !== undefined);
  const printed = (script: Script): string => script.instructions.map(({ term }) => printTerm(term)).join();
  const names = (name: string): string[] =>
    scripts.filter((script) => made(script, name)).map(({ application }) => application ?? '');
  const others = scripts.filter(
    (script) => !made(script, 'add_application') && !made(script, 'remove_application'),
  );
  return {
    added: names('add_application'),
    removed: names('remove_application'),
    others: others.map(printed),
    all: scripts.map(printed),
  };
}

function sortedInstructions(relup: Relup): string[][] {
  return [...relup.up, ...relup.down].map(({ instructions }) =>
    instructions.map((instruction) => printTerm(instructionToTerm(instruction))).sort(),
  );
}

function make({ next, previous, appups, options }: RelupCase, order: RelupOrder = 'otp') {
  return makeRelup({ next, previous, appups: (name) => appups.get(name), options: { ...options, order } });
}

function question(folder: string, relupCase: RelupCase): Term {
  const { next, previous, options } = relupCase;
  const name = (file: string): Term => string(file.replace('.rel', ''));
  return tuple(
    atom('make_relup'),
    string(folder),
    list(filesOf(relupCase)),
    name(next.relFile),
    list(
      previous.map(({ release, description }) =>
        description === undefined ? name(release.relFile) : tuple(name(release.relFile), string(description)),
      ),
    ),
    list(options.restartEmulator === true ? [atom('restart_emulator')] : []),
  );
}

function differenceOfRelups(relupCase: RelupCase, ours: Term, otp: Term): string | undefined {
  if (termsEqual(ours, otp)) return undefined;
  const [version, ...oursByDirection] = elements(ours);
  const [otpVersion, ...otpByDirection] = elements(otp);
  if (version === undefined || otpVersion === undefined || !termsEqual(version, otpVersion))
    return 'versions differ';
  for (const [index, direction] of (['up', 'down'] as const).entries()) {
    const [entries, otpEntries] = [oursByDirection[index], otpByDirection[index]].map(
      (entries) => (entries && listElements(entries)) ?? [],
    );
    if (entries?.length !== relupCase.previous.length || otpEntries?.length !== entries.length)
      return 'entries differ';
    for (const [at, entry] of entries.entries()) {
      const base = [...relupCase.previous].reverse()[at];
      const [from, description, script] = elements(entry);
      const [otpFrom, otpDescription, otpScript] = elements(otpEntries[at]);
      if (base === undefined || from === undefined || description === undefined || script === undefined)
        return 'shape';
      if (otpFrom === undefined || otpDescription === undefined || otpScript === undefined)
        return 'shape of otp';
      if (!termsEqual(from, otpFrom) || !termsEqual(description, otpDescription))
        return 'descriptions differ';
      const difference = differenceOf(
        listElements(script) ?? [],
        listElements(otpScript) ?? [],
        direction,
        new Dependencies(scriptsOf(relupCase, direction, base.release)),
      );
      if (!difference.startsWith('none')) return `${direction} ${printTerm(from)}: ${difference}`;
    }
  }
  return undefined;
}

function scriptsOf({ next, appups }: RelupCase, direction: 'up' | 'down', base: RelupCase['next']): Term[][] {
  return next.applications.flatMap(({ name, version }) => {
    const before = base.applications.find((application) => application.name === name);
    if (before === undefined || before.version === version) return [];
    const section = findSection(appups.get(name)?.[direction] ?? [], before.version);
    return section === undefined ? [] : [section.instructions.map(({ term }) => term)];
  });
}

function elements(term: Term | undefined): readonly Term[] {
  return (term?.kind === 'tuple' ? term.elements : term && listElements(term)) ?? [];
}

function nameOf(term: Term | undefined): string {
  return term?.kind === 'atom' ? term.name : 'unknown';
}
