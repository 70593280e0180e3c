import { describe, expect, it } from 'vitest';
import { changed } from '../../test/releases/literal-facts';
import { appupOf, pairOf, supervisor } from '../../test/releases/literal-upgrade';
import { supervisorInitSideEffects } from './supervisor-init-side-effects';

function find(
  before: readonly string[],
  after: readonly string[],
  appup: Parameters<typeof appupOf>[0] = { up: '{update,s,supervisor}' },
): string[] {
  const pair = pairOf({
    modules: [
      changed('s', supervisor('s', [], { sideEffects: before }), supervisor('s', [], { sideEffects: after })),
    ],
  });
  return supervisorInitSideEffects(pair, appupOf(appup)).map(
    ({ severity, message }) => `${severity} ${message}`,
  );
}

describe('supervisor-init-side-effects', () => {
  it.each(['ets:new/2', 'erlang:register/2', 'gen_tcp:listen/2', 'ssl:listen/2'])(
    'stops for %s, which fails the second time',
    (effect) => {
      expect(find([], ['foo:f/0', effect])).toEqual([
        `error the update of the supervisor s up from "1" of x.appup calls its init/1 again, and that calls ${effect}, which fails where the table, name or port is there already: the node would restart in the middle of the upgrade.`,
      ]);
    },
  );

  it('only warns where init/1 asks first, and of what it does not know', () => {
    expect(find([], ['ets:new/2', 'ets:whereis/1'])).toEqual([
      expect.stringMatching(/^warning .*calls ets:new\/2: /),
    ]);
    expect(find([], ['foo:f/0'])).toEqual([
      'warning the update of the supervisor s up from "1" of x.appup calls its init/1 again, and that calls foo:f/0: what it does is done a second time.',
    ]);
  });

  it('has nothing against logs and questions, nor where init/1 is not called', () => {
    expect(find([], ['logger:info/1', 'ets:lookup/2'])).toEqual([]);
    expect(find([], ['ets:new/2'], { up: '{load_module,s}' })).toEqual([]);
  });

  it('looks at what the modules that init/1 calls import', () => {
    const calling = (...imports: string[]): number =>
      supervisorInitSideEffects(
        pairOf({
          modules: [changed('s', supervisor('s', [], { sideEffects: ['conf:flags/0'] }))],
          unchanged: { conf: { calls: ['deep:f/0'] }, deep: { calls: imports } },
        }),
        appupOf({ up: '{update,s,supervisor}' }),
      ).length;
    expect(calling('lists:map/2', 'application:get_env/2', 'erlang:+/2')).toBe(0);
    expect(calling('lists:map/2', 'ets:new/2')).toBe(1);
    expect(calling('erlang:spawn/1')).toBe(1);
    expect(calling('other:f/0')).toBe(1);
  });

  it('warns where the supervisor is only loaded and keeps its flags', () => {
    const flags = (before: string, after: string, up: string): string[] =>
      supervisorInitSideEffects(
        pairOf({
          modules: [
            changed(
              's',
              supervisor('s', [], { sideEffects: ['ets:new/2'], flags: before }),
              supervisor('s', [], { sideEffects: ['ets:new/2'], flags: after }),
            ),
          ],
        }),
        appupOf({ up }),
      ).map(({ severity, message }) => `${severity} ${message}`);
    expect(flags('1, 5', '10, 60', '{load_module,s}')).toEqual([
      'warning the instructions up from "1" of x.appup load the supervisor s and do not call its init/1 again: it goes on with the intensity and period {1, 5} and not with {10, 60}, until it is started the next time.',
    ]);
    expect(flags('1, 5', '1, 5', '{load_module,s}')).toEqual([]);
    expect(flags('1, 5', '10, 60', '{restart_application,x}')).toEqual([]);
  });

  it('looks downwards at the older release, whose code runs then', () => {
    const down = { down: '{update,s,supervisor}' };
    expect(find([], ['ets:new/2'], down)).toEqual([]);
    expect(find(['ets:new/2'], [], down)).toHaveLength(1);
  });
});
