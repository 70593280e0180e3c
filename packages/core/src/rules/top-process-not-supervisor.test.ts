import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, callbackModule, pairOf, server, supervisor } from '../../test/releases/literal-upgrade';
import { topProcessNotSupervisor } from './top-process-not-supervisor';

function find(startResult: string, up: string, more: Readonly<Record<string, LiteralFacts>> = {}): string[] {
  const x_app = { ...callbackModule, details: { ...callbackModule.details, startResult } };
  const unchanged = { x_app, w: server('w'), x_sup: supervisor('x_sup', []), ...more };
  const pair = pairOf({ mod: 'x_app', modules: [changed('m')], unchanged });
  return topProcessNotSupervisor(pair, appupOf({ up })).map(
    ({ severity, message }) => `${severity} ${message}`,
  );
}

describe('top-process-not-supervisor', () => {
  it('stops where some instruction makes release_handler ask it for its children', () => {
    expect(find('w:start_link/0', '{update,m}')).toEqual([
      'error start/2 of x in 0.1 answers the process that w:start_link/0 starts, which is no supervisor, and release_handler asks the top process of every application for its children before it suspends any (x, up from "1" of x.appup), and gets none from this one: the node would restart in the middle of the upgrade.',
    ]);
  });

  it('warns where the upgrade only loads modules', () => {
    expect(find('w:start_link/0', '{load_module,m}')[0]).toMatch(/^warning /);
  });

  it('knows the functions of OTP that start something else', () => {
    expect(find('gen_server:start_link/4', '{update,m}')).toHaveLength(1);
    expect(find('erlang:spawn_link/1', '{update,m}')).toHaveLength(1);
  });

  it('is content with supervisors, and does not guess', () => {
    expect(find('x_sup:start_link/0', '{update,m}')).toEqual([]);
    expect(find('Elixir.Supervisor:start_link/2', '{update,m}')).toEqual([]);
    expect(find('ranch_sup:start_link/0', '{update,m}')).toEqual([]);
    const special: LiteralFacts = {
      details: {
        supervisors: [],
        starts: [{ starter: 'proc_lib:start_link/3', module: 'w', function: 'start_link/0' }],
      },
    };
    expect(find('w:start_link/0', '{update,m}', { w: special })).toEqual([]);
  });
});
