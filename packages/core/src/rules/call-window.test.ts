import { describe, expect, it } from 'vitest';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { literalPair, type LiteralApplication } from '../../test/releases/literal-pair';
import { parseInstruction, type LowLevelInstruction } from '../appup';
import { listElements, readFirstTerm } from '../erlang';
import { callWindows } from '.';

const load = (module: string): string => `{load,{${module},brutal_purge,brutal_purge}}`;
const remove = (module: string): string => `{remove,{${module},brutal_purge,brutal_purge}}`;

function find(
  applications: Readonly<Record<string, LiteralApplication>>,
  instructions: readonly string[],
  isCircle = false,
): string[] {
  const { term } = readFirstTerm(`[${instructions.join(',')}].`, 'relup');
  const read = (listElements(term) ?? []).map((one) => parseInstruction(one) as LowLevelInstruction);
  return callWindows(literalPair(applications), 'up', read, () => isCircle, 'on the way up from 1').map(
    ({ severity, application, module, message }) =>
      `${severity} ${application ?? ''} ${module ?? ''} ${message.replaceAll(', brutal_purge, brutal_purge', '')}`,
  );
}

const caller: LiteralFacts = { calls: ['lib:new/0'] };
const grows = (name: string) => ({
  x: { modules: [changed(name, {}, caller), changed('lib', {}, { exports: ['new/0'] })] },
});
const server = (name: string) => ({
  x: {
    modules: [
      changed(name, { behaviours: ['gen_server'] }, { behaviours: ['gen_server'], ...caller }),
      changed('lib', {}, { exports: ['new/0'] }),
    ],
  },
});

describe('a call-window', () => {
  it('lasts from the instruction that opens it to the one that closes it', () => {
    expect(find(grows('api'), [load('api'), load('lib')])).toEqual([
      'error x api on the way up from 1, api calls lib:new/0, which is not there after {load, {api}} until {load, {lib}}: whoever makes that call then gets undef.',
    ]);
    expect(find(grows('api'), [load('lib'), load('api')])).toEqual([]);
  });

  it('is a warning where no order would do', () => {
    expect(find(grows('api'), [load('api'), load('lib')], true)[0]).toMatch(/^warning /);
  });

  it('is none while everybody who is in the caller is suspended', () => {
    const suspended = ['{suspend,[s]}', load('s'), load('lib'), '{resume,[s]}'];
    expect(find(server('s'), suspended)).toEqual([]);
    expect(find(server('s'), ['{suspend,[s]}', load('s'), '{resume,[s]}', load('lib')])).toHaveLength(1);
    const through = {
      x: {
        same: { s: { behaviours: ['gen_server'], calls: ['api:f/0'] } },
        modules: [changed('api', {}, caller), changed('lib', {}, { exports: ['new/0'] })],
      },
    };
    expect(find(through, ['{suspend,[s]}', load('api'), load('lib'), '{resume,[s]}'])).toEqual([]);
  });

  it('concerns modules that do not change, too: a restart takes away what they call', () => {
    const applications = {
      x: { same: { api: { calls: ['lib:f/0'] } } },
      y: { modules: [changed('lib', { exports: ['f/0'] })] },
    };
    const restart = [
      '{apply,{application,stop,[y]}}',
      remove('lib'),
      load('lib'),
      '{apply,{application,start,[y,permanent]}}',
    ];
    expect(find(applications, restart)).toEqual([
      'warning y  on the way up from 1, y is taken out as a whole and started again, and api calls it: whoever makes such a call meanwhile gets undef, or finds no process.',
    ]);
  });

  it('is none in a module that nobody calls yet, or any more', () => {
    const comes = {
      x: { modules: [added('fresh', caller), changed('lib', {}, { exports: ['new/0'] })] },
    };
    expect(find(comes, [load('fresh'), load('lib')])).toEqual([]);
    const goes = {
      x: {
        modules: [removed('stale', { calls: ['lib:old/0'] }), changed('lib', { exports: ['old/0'] }, {})],
      },
    };
    expect(find(goes, [load('lib'), remove('stale')])).toEqual([]);
  });

  it('is no matter of calls that were broken before, or are broken afterwards', () => {
    const applications = {
      x: { modules: [changed('api', { calls: ['lib:no/0'] }, { calls: ['lib:no/0'] }), changed('lib')] },
    };
    expect(find(applications, [load('api'), load('lib')])).toEqual([]);
    const gone = changed('lib', { exports: ['old/0'] }, {});
    const calls: LiteralFacts = { calls: ['lib:old/0'] };
    const staying = { x: { modules: [gone] }, y: { same: { user: calls } } };
    expect(find(staying, [load('lib')])).toEqual([]);
    expect(
      find({ x: { modules: [gone, changed('user', calls, calls)] } }, [load('lib'), load('user')]),
    ).toEqual([]);
  });

  it('is none in what runs at the start only: an init/1 of a supervisor, a start/2', () => {
    const started = (behaviour: string, clients: Readonly<Record<string, LiteralFacts>> = {}) => ({
      x: {
        same: { x_app: { behaviours: ['application'], calls: ['m:start_link/0'] }, ...clients },
        modules: [
          changed('m', { behaviours: [behaviour] }, { behaviours: [behaviour], ...caller }),
          changed('lib', {}, { exports: ['new/0'] }),
        ],
      },
    });
    const wrong = [load('m'), load('lib')];
    expect(find(started('supervisor'), wrong)).toEqual([]);
    expect(find(started('gen_server'), wrong)).toHaveLength(1);
    const comes = {
      x: {
        same: { x_app: { behaviours: ['application'], calls: ['fresh:start_link/0'] } },
        modules: [
          added('fresh', { behaviours: ['supervisor'], ...caller }),
          changed('lib', {}, { exports: ['new/0'] }),
        ],
      },
    };
    expect(find(comes, [load('fresh'), load('lib')])).toEqual([]);
    // Its functions for others run at any time.
    expect(find(started('supervisor', { api: { calls: ['m:add/1'] } }), wrong)).toHaveLength(1);
  });

  it('says of an application that goes that it does not come back', () => {
    const applications = {
      x: { same: { user: { calls: ['lib:f/0'] } } },
      old: { only: 'previous' as const, same: { lib: { exports: ['f/0'] } } },
      young: { only: 'next' as const, same: { lib: { exports: ['f/0'] } } },
    };
    const instructions = [
      '{apply,{application,stop,[old]}}',
      remove('lib'),
      load('lib'),
      '{apply,{application,start,[young,permanent]}}',
    ];
    expect(find(applications, instructions)[0]).toContain(
      'old is stopped and taken out, and what others have of it comes after that, and user calls it',
    );
  });
});
