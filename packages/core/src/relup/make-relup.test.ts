import { describe, expect, it } from 'vitest';
import { release, type ApplicationSketch } from '../../test/relup-oracle/describe-release';
import { parseAppup, type Appup } from '../appup/appup-file';
import { instructionToTerm } from '../appup/instruction';
import { atom, printTerm, readFirstTerm, type Term } from '../erlang';
import { call, evaluate } from './erlang-expression';
import { makeRelup } from './make-relup';
import { formatProblem } from './problem';
import { replaceFolder } from './protocol-instructions';
import { relupText, relupToTerm, type RelupEntry } from './relup';
import type { SurroundingScripts } from './surrounding-scripts';

const otp: Record<string, ApplicationSketch> = {
  kernel: {},
  stdlib: { uses: ['kernel'] },
  sasl: { uses: ['kernel', 'stdlib'] },
};

function appups(texts: Readonly<Record<string, string>>): (application: string) => Appup | undefined {
  return (application) => {
    const text = texts[application];
    const file = `lib/${application}-2/ebin/${application}.appup`;
    return text === undefined ? undefined : parseAppup(readFirstTerm(text, file), file);
  };
}

function printed(entry: RelupEntry | undefined): string[] {
  return (entry?.instructions ?? []).map((instruction) =>
    printTerm(instructionToTerm(instruction)).replace(/\s+/g, ''),
  );
}

describe('a relup', () => {
  it('without a changed application is a point of no return, and needs no appup', () => {
    const { relup, problems, diagnostics } = makeRelup({
      next: release('2', otp),
      previous: [{ release: release('1', otp) }],
      appups: () => expect.unreachable('no appup is needed'),
    });
    expect(problems).toEqual([]);
    expect(diagnostics).toEqual([]);
    expect(relup === undefined ? '' : printTerm(relupToTerm(relup)).replace(/\s+/g, '')).toBe(
      '{"2",[{"1",[],[point_of_no_return]}],[{"1",[],[point_of_no_return]}]}',
    );
  });

  it('has its entries in the reverse order of the bases, with their descriptions', () => {
    const { relup } = makeRelup({
      next: release('3', otp),
      previous: [{ release: release('1', otp) }, { release: release('2', otp), description: 'Größe' }],
      appups: () => undefined,
    });
    expect(relup?.up.map(({ version, description }) => [version, printTerm(description)])).toEqual([
      ['2', '"Größe"'],
      ['1', '[]'],
    ]);
    expect(relup?.down.map(({ version }) => version)).toEqual(['2', '1']);
  });

  it('by default starts added applications after those they use, and stops removed ones before', () => {
    const next = release('2', { ...otp, q: { uses: ['p'] }, p: {} });
    const previous = release('1', { ...otp, x: {}, y: { uses: ['x'] } });
    const calls = (order: 'dependencies' | 'otp'): string[] => {
      const { relup } = makeRelup({
        next,
        previous: [{ release: previous }],
        appups: () => undefined,
        options: { order },
      });
      return [...(relup?.up ?? []), ...(relup?.down ?? [])].flatMap(({ instructions }) =>
        instructions.flatMap((instruction) =>
          instruction.kind === 'apply' && instruction.call.function !== 'unload'
            ? [
                `${instruction.call.function} ${instruction.call.args
                  .slice(0, 1)
                  .map((arg) => printTerm(arg))
                  .join()}`,
              ]
            : [],
        ),
      );
    };
    expect(calls('dependencies')).toEqual([
      'start p',
      'start q',
      'stop y',
      'stop x',
      'start x',
      'start y',
      'stop q',
      'stop p',
    ]);
    expect(calls('otp')).toEqual([
      'start q',
      'start p',
      'stop x',
      'stop y',
      'start x',
      'start y',
      'stop q',
      'stop p',
    ]);
  });

  it('restarts into a new emulator, and warns', () => {
    const { relup, diagnostics } = makeRelup({
      next: release('2', otp, '14.0'),
      previous: [{ release: release('1', otp, '13.0') }],
      appups: () => undefined,
    });
    expect(printed(relup?.up[0])).toEqual(['restart_new_emulator', 'point_of_no_return']);
    expect(printed(relup?.down[0])).toEqual(['point_of_no_return', 'restart_emulator']);
    expect(diagnostics).toEqual([
      {
        kind: 'erts_vsn_changed',
        message: 'release 1 has erts 13.0, release 2 has 14.0: the upgrade restarts the emulator.',
        file: '1.rel',
      },
    ]);
  });

  it('warns once of an appup that is for another version', () => {
    const { diagnostics, problems } = makeRelup({
      next: release('2', { ...otp, a: { version: '2' } }),
      previous: [{ release: release('1', { ...otp, a: {} }) }],
      appups: appups({ a: '{"2.1",[{"1",[]}],[{"1",[]}]}.' }),
    });
    expect(problems).toEqual([]);
    expect(diagnostics).toEqual([
      {
        kind: 'bad_vsn',
        message: 'the appup is for a "2.1", the release has "2".',
        file: 'lib/a-2/ebin/a.appup',
      },
    ]);
  });

  it('keeps unrelated modules of a component in the order of the script', () => {
    const modules = ['a', 'b', 'c', 'd', 'e'];
    const script =
      '[{load_module,a,[e,b,d,c]},{load_module,b},{load_module,c},{load_module,d},{load_module,e}]';
    const { relup } = makeRelup({
      next: release('2', { ...otp, app: { version: '2', modules } }),
      previous: [{ release: release('1', { ...otp, app: { modules } }) }],
      appups: appups({ app: `{"2",[{"1",${script}}],[{"1",${script}}]}.` }),
    });
    expect(printed(relup?.up[0])[0]).toBe('{load_object_code,{app,"2",[a,b,c,d,e]}}');
    expect(relup?.up[0]?.instructions.flatMap((each) => (each.kind === 'load' ? [each.module] : []))).toEqual(
      ['e', 'd', 'c', 'b', 'a'],
    );
    expect(
      relup?.down[0]?.instructions.flatMap((each) => (each.kind === 'load' ? [each.module] : [])),
    ).toEqual(modules);
  });

  it('has what a release does around what its applications do, for its pair and direction only', () => {
    const around = (word: string): SurroundingScripts => {
      const script = (place: string) => ({
        instructions: [{ term: readFirstTerm(`{apply, {io, nl, [${place}_${word}]}}.`, 'test').term }],
      });
      return { first: [script('first')], last: [script('last')] };
    };
    const { relup, problems } = makeRelup({
      next: release('3', { ...otp, a: { version: '2', modules: ['a1'] }, new: { modules: ['n'] } }),
      previous: [
        {
          release: release('1', { ...otp, a: { modules: ['a1'] }, old: { modules: ['o'] } }),
          surrounding: { up: around('up'), down: around('down') },
        },
        { release: release('2', { ...otp, a: { modules: ['a1'] }, new: { modules: ['n'] } }) },
      ],
      appups: appups({ a: '{"2",[{"1",[{load_module,a1}]}],[{"1",[{load_module,a1}]}]}.' }),
      options: { restartEmulator: true },
    });
    expect(problems).toEqual([]);
    const [, up] = relup?.up ?? [];
    const [, down] = relup?.down ?? [];
    expect(printed(up).slice(2)).toEqual([
      'point_of_no_return',
      '{apply,{io,nl,[first_up]}}',
      '{load,{n,brutal_purge,brutal_purge}}',
      '{apply,{application,start,[new,permanent]}}',
      '{load,{a1,brutal_purge,brutal_purge}}',
      '{apply,{application,stop,[old]}}',
      '{remove,{o,brutal_purge,brutal_purge}}',
      '{purge,[o]}',
      '{apply,{application,unload,[old]}}',
      '{apply,{io,nl,[last_up]}}',
      'restart_emulator',
    ]);
    expect(printed(down).filter((instruction) => instruction.includes('{io,'))).toEqual([
      '{apply,{io,nl,[first_down]}}',
      '{apply,{io,nl,[last_down]}}',
    ]);
    expect([relup?.up[0], relup?.down[0]].flatMap(printed).join()).not.toContain('{io,');
  });

  it('says at its top what its expressions for protocols do, and nothing of those that a project wrote', () => {
    const text = (instruction: Term): string => {
      const { relup } = makeRelup({
        next: release('2', { ...otp, a: { version: '2' } }),
        previous: [{ release: release('1', { ...otp, a: {} }) }],
        appups: appups({ a: `{"2",[{"1",[${printTerm(instruction)}]}],[{"1",[]}]}.` }),
      });
      return relup === undefined ? '' : relupText(relup);
    };
    expect(text(replaceFolder('releases/1/consolidated', 'releases/2/consolidated'))).toMatch(
      /^%% coding: utf-8\n%% Elixir's consolidated protocols .*\n/,
    );
    expect(text(evaluate([call('io', 'nl')], { Name: atom('consolidated') }))).toMatch(
      /^%% coding: utf-8\n\{"2",/,
    );
  });

  it('of very many modules is made in a moment', () => {
    const modules = Array.from({ length: 5000 }, (_, index) => `m${index}`);
    const script = modules
      .map(
        (module, index) => `{update,${module},{advanced,[]},[${modules.slice(index + 1, index + 3).join()}]}`,
      )
      .join();
    const started = performance.now();
    const { relup } = makeRelup({
      next: release('2', { ...otp, app: { version: '2', modules } }),
      previous: [{ release: release('1', { ...otp, app: { modules } }) }],
      appups: appups({ app: `{"2",[{"1",[${script}]}],[{"1",[${script}]}]}.` }),
    });
    expect(relup?.up[0]?.instructions).toHaveLength(5000 + 5);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('the problems of a relup', () => {
  it('come all at once, with the file, the section and the instruction', () => {
    const modules = (name: string): string[] => [`${name}1`, `${name}2`];
    const { relup, problems } = makeRelup({
      next: release('2', {
        ...otp,
        a: { version: '2', modules: modules('a') },
        b: { version: '2' },
        c: { version: '2' },
        d: { version: '2' },
      }),
      previous: [
        { release: release('1', { ...otp, a: { modules: [...modules('a'), 'a3'] }, b: {}, c: {}, d: {} }) },
      ],
      appups: appups({
        a: `{"2",
 [{<<"1.*">>, [{update, a1, soft, [a9]},
         {load_module, a3}]}],
 [{"1", [{load_module, a1}, {update, a1}]}]}.`,
        b: '{"2",[{"0.9",[]}],[{"1",[{update,b1,0,soft,soft_purge,soft_purge,[]}]}]}.',
        c: '{"2",[{<<"(?i)1">>,[]}],[{"1",[]}]}.',
      }),
    });
    expect(relup).toBeUndefined();
    expect(problems.map(formatProblem)).toEqual([
      'lib/b-2/ebin/b.appup: b changed from 1 to 2, and no section of its appup leads up from 1. Add a section up from 1.',
      'lib/c-2/ebin/c.appup: the version pattern cannot be read: the group (?i is not read; (...), (?:...), (?=...) and (?!...) are. Write it with characters, classes, groups, alternatives, ?, *, + and {n,m}, or give the version as a string.',
      'd changed from 1 to 2, and it has no appup. Write d.appup with a section up from 1, or let it be generated.',
      'lib/a-2/ebin/a.appup:2:16: the instruction depends on module a9, for which there is no instruction. (in {update, a1, soft, [a9]}, up from <<"1.*">>) Take a9 out of the DepMods, or add an instruction for it to some script of the upgrade.',
      'lib/a-2/ebin/a.appup:3:10: no .app file of the release that is entered lists module a3. (in {load_module, a3}, up from <<"1.*">>) It is a module of a 1, which is left: write {delete_module, a3}.',
      'd changed from 1 to 2, and it has no appup. Write d.appup with a section down to 1, or let it be generated.',
      'lib/b-2/ebin/b.appup:1:26: 0 is not a timeout. (in {update, b1, 0, soft, soft_purge, soft_purge, []}, down to "1") It is default, infinity or a number of milliseconds above 0.',
      'lib/a-2/ebin/a.appup:4:29: module a1 has another instruction already, {load_module, a1} of lib/a-2/ebin/a.appup. (in {update, a1}, down to "1") Leave one of them; restart_application and add_application load every module of their application.',
    ]);
    expect(problems.map(({ kind }) => kind)).toEqual([
      'no_relup',
      'bad-version-pattern',
      'file_problem',
      'undef_module',
      'no_such_module',
      'file_problem',
      'bad_timeout',
      'muldef_module',
    ]);
  });

  it('do not follow from an instruction that could not be read', () => {
    const { problems } = makeRelup({
      next: release('2', { ...otp, a: { version: '2', modules: ['m', 'n'] } }),
      previous: [{ release: release('1', { ...otp, a: { modules: ['m', 'n'] } }) }],
      appups: appups({
        a: '{"2",[{"1",[{update,m,soft,[n]},{load_modul,n},{suspend,{x}},{resume,[x]}]}],[{"1",[]}]}.',
      }),
    });
    expect(problems.map(({ kind, instruction }) => [kind, instruction])).toEqual([
      ['bad_instruction', '{load_modul, n}'],
      ['bad_list', '{suspend, {x}}'],
    ]);
  });

  it('are named once, however many bases the section serves', () => {
    const { problems } = makeRelup({
      next: release('3', { ...otp, a: { version: '3' } }),
      previous: ['1', '2'].map((version) => ({ release: release(version, { ...otp, a: { version } }) })),
      appups: appups({ a: '{"3",[{<<".*">>,[oops]}],[{<<".*">>,[]}]}.' }),
    });
    expect(problems).toHaveLength(1);
  });

  it('are those of the releases too', () => {
    const { kernel, stdlib } = otp;
    const { problems } = makeRelup({
      next: release('2', { ...otp, a: { uses: ['b'] }, b: { uses: ['a'] } }),
      previous: [{ release: release('1', { kernel: kernel ?? {}, stdlib: stdlib ?? {} }) }],
      appups: () => undefined,
    });
    expect(problems.map(({ kind, file }) => [kind, file])).toEqual([
      ['circular_dependencies', '2.rel'],
      ['missing_sasl', '1.rel'],
    ]);
  });
});
