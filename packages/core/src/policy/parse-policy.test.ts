import { describe, expect, it } from 'vitest';
import { atom, nil, tuple } from '../erlang';
import { OtpError } from '../error';
import { parsePolicy } from './parse-policy';

const codes = ['state-not-converted', 'stale-appup'];

function mistakes(json: unknown): string[] {
  try {
    parsePolicy(json, 'rel/upgrade.json', codes);
  } catch (error) {
    if (error instanceof OtpError && error.code === 'policy') return error.message.split('\n');
    throw error;
  }
  throw new Error('no mistake was found');
}

describe('a policy', () => {
  it('says how modules are upgraded, what comes before and after, and what is allowed', () => {
    const policy = parsePolicy(
      {
        $schema: 'x',
        applications: {
          dummy: {
            before: { up: ['{apply, {m, f, []}}'] },
            after: { down: ['{apply,{m,g,[]}}.', 'restart_emulator'] },
            modules: {
              dummy_server: {
                instruction: 'update',
                change: 'advanced',
                extra: '{from, []}',
                prePurge: 'soft_purge',
                postPurge: 'brutal_purge',
                timeout: 10000,
                loadAfter: ['a'],
                dependencies: ['b'],
              },
            },
          },
          other: { strategy: 'restart' },
        },
        allow: [{ rule: 'stale-appup', application: 'dummy', reason: 'kept for its history' }],
        transforms: ['./transform.mjs'],
      },
      'rel/upgrade.json',
      codes,
    );
    const call = (name: string) => ({ kind: 'apply', call: { module: 'm', function: name, args: [] } });
    expect(policy).toEqual({
      applications: new Map([
        [
          'dummy',
          {
            strategy: 'hot',
            before: { up: [call('f')], down: [] },
            after: { up: [], down: [call('g'), { kind: 'restart_emulator' }] },
            modules: new Map([
              [
                'dummy_server',
                {
                  instruction: 'update',
                  change: 'advanced',
                  extra: tuple(atom('from'), nil),
                  prePurge: 'soft_purge',
                  postPurge: 'brutal_purge',
                  timeout: 10000,
                  loadAfter: ['a'],
                  dependencies: ['b'],
                },
              ],
            ]),
          },
        ],
        [
          'other',
          {
            strategy: 'restart',
            before: { up: [], down: [] },
            after: { up: [], down: [] },
            modules: new Map(),
          },
        ],
      ]),
      allow: [{ rule: 'stale-appup', application: 'dummy', reason: 'kept for its history' }],
      transformPaths: ['./transform.mjs'],
    });
  });

  it('may be empty', () => {
    expect(parsePolicy({}, 'f', codes)).toEqual({ applications: new Map(), allow: [], transformPaths: [] });
  });

  it('is refused with all its mistakes at once', () => {
    expect(
      mistakes({
        aplications: {},
        applications: {
          'a b': {
            strategy: 'cold',
            before: { up: ['{apply,{m,f}}', '{load_module', 7], sideways: [] },
            modules: { m: { instruktion: 'update', timeout: 0, extra: '[', loadAfter: 'n' } },
          },
        },
        allow: [{ rule: 'state-not-convertd', reason: ' ' }],
        transforms: [''],
      }),
    ).toEqual([
      'rel/upgrade.json: 13 mistakes:',
      '  aplications: there is no such setting. Did you mean applications?',
      '  applications["a b"].modules.m.instruktion: there is no such setting. Did you mean instruction?',
      expect.stringMatching(/^ {2}applications\["a b"\]\.modules\.m\.extra: .* \(at "\[", column \d+\)$/),
      '  applications["a b"].modules.m.timeout: expected "default", "infinity" or a whole number of milliseconds above 0, found 0.',
      '  applications["a b"].modules.m.loadAfter: expected a list of names of modules, found "n".',
      '  applications["a b"].strategy: expected hot or restart, found "cold".',
      '  applications["a b"].before.sideways: there is no such setting. It may have up, down.',
      '  applications["a b"].before.up[0]: {apply, {m, f}} is not an instruction of an appup. See appup(4) for the forms it may have; inside a nested list only the full forms are read.',
      expect.stringMatching(/^ {2}applications\["a b"\]\.before\.up\[1\]: /),
      '  applications["a b"].before.up[2]: expected an instruction as Erlang text, such as "{apply,{m,f,[]}}", found 7.',
      '  allow[0].rule: there is no rule state-not-convertd. Did you mean state-not-converted?',
      '  allow[0].reason: expected why this is allowed, found " ".',
      '  transforms[0]: expected one of the paths of transforms, found "".',
    ]);
  });

  it.each([
    [[], 'the file: expected an object, found [].'],
    [{ applications: { a: null } }, 'applications.a: expected an object, found null.'],
    [
      { applications: { a: { modules: { m: { instruction: 'load_module', extra: '[]' } } } } },
      'applications.a.modules.m.extra: load_module suspends no process and calls no code_change; it is of an update only.',
    ],
    [
      { applications: { a: { modules: { m: { change: 'soft', extra: '[]' } } } } },
      'applications.a.modules.m.extra: it is for code_change, which a soft change does not call. Write "change": "advanced".',
    ],
    [
      { applications: { a: { strategy: 'restart', modules: { m: {} } } } },
      'applications.a.modules: an application with the strategy restart is stopped and started as a whole, so that nothing can be said of its modules. Leave out one of the two.',
    ],
  ])('%j is refused', (json, message) => {
    expect(mistakes(json)).toEqual([`rel/upgrade.json: ${message}`]);
  });
});
