import { describe, expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import {
  appupOf,
  callbackModule,
  child,
  pairOf,
  server,
  supervisor,
} from '../../test/releases/literal-upgrade';
import type { ChildFacts, KeptFacts } from '../facts';
import { childModulesWrong } from './child-modules-wrong';
import { codeChangeNotCalled } from './code-change-not-called';

const advanced = '{update,m,{advanced,[]}}';

/** `m` changes; `x_sup`, with these children, is the top supervisor. */
function pair(
  children: readonly ChildFacts[],
  more: Readonly<Record<string, LiteralFacts>> = {},
  m: readonly [LiteralFacts, LiteralFacts] = [server('m'), server('m')],
): ReturnType<typeof pairOf> {
  const unchanged = { x_app: callbackModule, x_sup: supervisor('x_sup', children), ...more };
  return pairOf({ mod: 'x_app', modules: [changed('m', ...m)], unchanged });
}

const called = (...args: Parameters<typeof pair>): string[] =>
  codeChangeNotCalled(pair(...args), appupOf({ up: advanced, down: advanced })).map(
    ({ severity, code, message }) => `${severity} ${code}: ${message}`,
  );

const otherState: readonly [LiteralFacts, LiteralFacts] = [
  server('m'),
  server('m', { details: { states: [{ tuple: 2 }] } }),
];

describe('code-change-not-called', () => {
  it('is content with a specification that names the module, on any floor of the tree', () => {
    expect(called([child('m')])).toEqual([]);
    const floor = { p_sup: supervisor('p_sup', [child('m')]) };
    expect(called([child('p_sup', { type: 'supervisor' })], floor)).toEqual([]);
  });

  it('finds a process that no supervisor starts, once for both directions', () => {
    expect(called([child('other')])).toEqual([
      'warning code-change-not-called: the instructions up from "1" of x.appup update m, but no supervisor of the release starts it, so release_handler finds no process of it: none is suspended, and the code change is never called.',
    ]);
    expect(called([], {}, otherState)).toEqual([
      expect.stringMatching(/^error .*, and the state was a tuple of 1 and is a tuple of 2\.$/),
    ]);
  });

  it('finds one below a supervisor that its own supervisor takes for a worker', () => {
    expect(called([child('p_sup')], { p_sup: supervisor('p_sup', [child('m')]) })).toEqual([
      'warning code-change-not-called: the instructions up from "1" of x.appup update m, but it runs under the child p_sup of x_sup, which is not of type => supervisor, so release_handler finds no process of it: none is suspended, and the code change is never called.',
    ]);
  });

  it('finds a supervisor whose init/1 would not be read again', () => {
    const m: readonly [LiteralFacts, LiteralFacts] = [supervisor('m', []), supervisor('m', [])];
    expect(called([], {}, m)[0]).toMatch(/^error .*: its init\/1 is not read again\.$/);
    expect(called([child('m', { type: 'supervisor' })], {}, m)).toEqual([]);
    // The top supervisor counts with its callback module.
    const top = pairOf({
      mod: 'x_app',
      modules: [changed('x_sup', supervisor('x_sup', []))],
      unchanged: { x_app: callbackModule },
    });
    expect(codeChangeNotCalled(top, appupOf({ up: '{update,x_sup,supervisor}' }))).toEqual([]);
  });

  it('says once for the application that it does not know', () => {
    const details: Partial<KeptFacts> = { starts: [], supervisors: { unknown: 'no debug info' } };
    const unknown: LiteralFacts = { behaviours: ['supervisor'], details };
    expect(called([child('q_sup', { type: 'supervisor' })], { q_sup: unknown })).toEqual([
      'info processes-unknown: where the processes of m are could not be found out (the children of q_sup are not known (no debug info)), so nobody has checked whether release_handler finds them to call their code change.',
    ]);
    const starter = {
      exports: [],
      calls: ['supervisor:start_child/2'],
      details: { supervisors: [], starts: [] },
    };
    expect(called([], { api: starter })[0]).toContain('(api starts children at run time)');
    // With a template nothing else is started at run time.
    const template = supervisor('p_sup', [child('m')], { strategy: 'simple_one_for_one' });
    expect(called([child('p_sup', { type: 'supervisor' })], { api: starter, p_sup: template })).toEqual([]);
  });

  it('has nothing to say where no code change is called, or everything starts anew', () => {
    const instructions = ['{load_module,m}', '{update,m}', `${advanced},restart_emulator`];
    for (const up of instructions) expect(codeChangeNotCalled(pair([]), appupOf({ up }))).toEqual([]);
  });
});

describe('child-modules-wrong', () => {
  const api: LiteralFacts = {
    exports: ['start_link/0'],
    details: {
      supervisors: [],
      starts: [{ starter: 'gen_server:start_link/3', module: 'm', function: 'start_link/0' }],
    },
  };
  const find = (children: readonly ChildFacts[], up: string, m = otherState): string[] =>
    childModulesWrong(pair(children, { api }, m), appupOf({ up })).map(
      ({ severity, message, fix }) => `${severity} ${message} ${fix}`,
    );

  it('names the child, what its specification says, what it should say, and what works until then', () => {
    expect(find([child('api')], advanced)).toEqual([
      'error the child api of x_sup runs m, but its specification says modules => [api], so release_handler does not find the process: it is not suspended, and no code change is called. Write modules => [m] in the specification in x_sup, which counts from the next upgrade on; for this one write {update, api, {advanced, []}, soft_purge, soft_purge, [m]} and {load_module, m, soft_purge, soft_purge, []} in the appup, which suspends the process by the module that is named.',
    ]);
    expect(called([child('api')], { api }, otherState)).toEqual([]);
  });

  it('knows that dynamic is for gen_event', () => {
    const dynamic = child('m', { modules: 'dynamic' });
    expect(find([dynamic], advanced)).toEqual([
      'error the child m of x_sup says modules => dynamic and runs m, which is no event manager: release_handler asks it for its modules before it suspends any process, gets no answer, and the node restarts in the middle of the upgrade. Write modules => [m] in that specification; a node that runs the old one needs an ordinary restart, or an appup that only loads modules.',
    ]);
    // It is asked whatever changes, and not at all where nothing is suspended.
    expect(find([dynamic], '{update,other}')).toHaveLength(1);
    expect(find([dynamic], '{load_module,m}')).toEqual([]);
    const handler: readonly [LiteralFacts, LiteralFacts] = [
      { ...otherState[0], behaviours: ['gen_event'] },
      { ...otherState[1], behaviours: ['gen_event'] },
    ];
    expect(find([child('m', { modules: 'dynamic' })], advanced, handler)).toEqual([]);
    const spawning = (starter: string): readonly [LiteralFacts, LiteralFacts] => {
      const facts: LiteralFacts = {
        details: { starts: [{ starter, module: 'm', function: 'start_link/0' }], supervisors: [] },
      };
      return [facts, facts];
    };
    expect(find([dynamic], '{update,other}', spawning('erlang:spawn_link/3'))).toHaveLength(1);
    expect(find([dynamic], '{update,other}', spawning('gen_event:add_handler/3'))).toEqual([]);
  });

  it('finds the callback module of a process that is started by gen_server itself', () => {
    const direct = child('w', {
      startModule: 'gen_server',
      arity: 4,
      args: '[{local, w}, m, [], []]',
      modules: ['gen_server'],
    });
    expect(find([direct], advanced)[0]).toContain('the child w of x_sup runs m');
  });

  it('is a warning where the state is the same and nobody wanted a code change', () => {
    const same: readonly [LiteralFacts, LiteralFacts] = [server('m'), server('m')];
    expect(find([child('api')], '{load_module,m}', same)[0]).toMatch(/^warning /);
  });

  it('accepts the instructions that it proposes', () => {
    const by =
      '{update,api,{advanced,[]},soft_purge,soft_purge,[m]},{load_module,m,soft_purge,soft_purge,[]}';
    expect(find([child('api')], by)).toEqual([]);
    expect(find([child('m')], advanced)).toEqual([]);
    expect(find([child('api')], '{restart_application,x}')).toEqual([]);
  });
});
