import { describe, expect, it } from 'vitest';
import { added, changed, removed } from '../../test/releases/literal-facts';
import type { ModuleDiff, ReleaseDiff } from '../diff';
import { atomName, listElements, stringValue, tupleOf, type Term } from '../erlang';
import type { Application, Release } from '../release';
import { protocolScripts } from './protocol-scripts';
import type { Direction, Script } from './script';

interface Sides<T> {
  readonly previous?: T;
  readonly next?: T;
}

/** A release 1 and a release 2 of the application `shapes`, in which nothing differs but what is given. */
function difference({
  modules = [],
  protocols = [],
  consolidated = {},
  own = ['Elixir.Size'],
  gone = [],
}: {
  readonly modules?: readonly ModuleDiff[];
  readonly protocols?: readonly ModuleDiff[];
  readonly consolidated?: Sides<readonly string[]>;
  readonly own?: readonly string[];
  /** Modules of an application that is only in the previous release. */
  readonly gone?: readonly string[];
}): ReleaseDiff {
  const application = (name: string, version: string, modules: readonly string[]): Application =>
    ({ name, version, resource: { modules } }) as unknown as Application;
  const release = (
    version: string,
    applications: readonly Application[],
    names: readonly string[] = ['Elixir.Size'],
  ): Release =>
    ({
      version,
      versionPath: `releases/${version}`,
      applications,
      configuration: {
        consolidatedProtocols: names.map((name) => `releases/${version}/consolidated/${name}.beam`),
      },
    }) as unknown as Release;
  const [before, after] = [application('shapes', '0.1', own), application('shapes', '0.2', own)];
  const leaving = gone.length === 0 ? [] : [application('old', '3', gone)];
  return {
    previous: release('1', [before, ...leaving], consolidated.previous),
    next: release('2', [after], consolidated.next),
    added: [],
    removed: leaving,
    kept: [{ name: 'shapes', previous: before, next: after, modules, files: [], resource: {} }],
    protocols,
  } as unknown as ReleaseDiff;
}

/** `load MODULE`, `wait for MODULE ...`, `load MODULE from FOLDER`, `path: FROM -> TO`. */
function described(scripts: readonly Script[]): string[] {
  return scripts.flatMap(({ instructions }) => instructions.map(({ term }) => describeApply(term)));
}

function describeApply(term: Term): string {
  const [, call] = tupleOf(term, 'apply', 2)?.elements ?? [];
  const [module, name, args] = (call && tupleOf(call, undefined, 3)?.elements) ?? [];
  const [first, second] = (args && listElements(args)) ?? [];
  if (module && atomName(module) === 'code' && name && atomName(name) === 'load_file') {
    return `load ${(first && atomName(first)) ?? '?'}`;
  }
  const bindings = (second && listElements(second)) ?? [];
  const values = bindings.map((binding) => tupleOf(binding, undefined, 2)?.elements[1]);
  const texts = values.flatMap((value) => (value && stringValue(value)) ?? []);
  if (texts.length === 2) return `path: ${texts.join(' -> ')}`;
  const [modules] = values;
  const elements = (modules && listElements(modules)) ?? [];
  const pairs = elements.flatMap((element) => {
    const [loaded, folder] = tupleOf(element, undefined, 2)?.elements ?? [];
    return loaded && folder ? [`load ${atomName(loaded) ?? '?'} from ${stringValue(folder) ?? '?'}`] : [];
  });
  return pairs.length > 0 ? pairs.join() : `wait for ${elements.map((each) => atomName(each)).join(' ')}`;
}

function scripts(
  fields: Parameters<typeof difference>[0],
  direction: Direction,
  loaded: readonly string[] = [],
): { first: string[]; last: string[] } {
  const { first, last } = protocolScripts(difference(fields), direction, new Set(loaded));
  return { first: described(first), last: described(last) };
}

const upPath = 'path: releases/1/consolidated -> releases/2/consolidated';
const downPath = 'path: releases/2/consolidated -> releases/1/consolidated';
const size = changed('Elixir.Size');

describe('the scripts for consolidated protocols', () => {
  it('are none where no release has any', () => {
    expect(scripts({ consolidated: { previous: [], next: [] }, modules: [changed('m')] }, 'up')).toEqual({
      first: [],
      last: [],
    });
  });

  it('change the code path even where no protocol does', () => {
    expect(scripts({}, 'up')).toEqual({ first: [upPath], last: [] });
    expect(scripts({}, 'down')).toEqual({ first: [downPath], last: [] });
  });

  it('load a protocol that gains an implementation when that is loaded, and on the way down before it goes', () => {
    const fields = { protocols: [size], modules: [added('Elixir.Size.Circle')] };
    expect(scripts(fields, 'up')).toEqual({
      first: [upPath, 'wait for Elixir.Size'],
      last: ['load Elixir.Size'],
    });
    expect(scripts(fields, 'down')).toEqual({
      first: [downPath, 'wait for Elixir.Size', 'load Elixir.Size'],
      last: [],
    });
  });

  it("let the application's own module find the implementations while some come and others go", () => {
    const modules = [added('Elixir.Size.Circle'), removed('Elixir.Size.Square')];
    expect(scripts({ protocols: [size], modules }, 'up')).toEqual({
      first: [
        upPath,
        'wait for Elixir.Size',
        'load Elixir.Size from /shapes-0.2/ebin,load Elixir.Size from /shapes-0.1/ebin',
        'wait for Elixir.Size',
      ],
      last: ['load Elixir.Size'],
    });
  });

  it('see an implementation that goes with its application', () => {
    expect(scripts({ protocols: [size], gone: ['Elixir.Size.Old'] }, 'up').first).toContain(
      'load Elixir.Size',
    );
    expect(scripts({ protocols: [size], gone: ['Elixir.Sizes.Old'] }, 'up').last).toEqual([
      'load Elixir.Size',
    ]);
  });

  it('put the consolidated module back over the one that an application loads, changed or not', () => {
    expect(scripts({}, 'up', ['Elixir.Size', 'm'])).toEqual({
      first: [upPath, 'wait for Elixir.Size'],
      last: ['wait for Elixir.Size', 'load Elixir.Size'],
    });
    const loses = { protocols: [size], modules: [removed('Elixir.Size.Square')] };
    expect(scripts(loses, 'up', ['Elixir.Size'])).toEqual({
      first: [upPath, 'wait for Elixir.Size', 'load Elixir.Size', 'wait for Elixir.Size'],
      last: ['wait for Elixir.Size', 'load Elixir.Size'],
    });
  });

  it('leave a protocol that loses a function to its appup until the end: the callers go first', () => {
    const fields = {
      protocols: [changed('Elixir.Size', { exports: ['size/1', 'area/1'] }, { exports: ['size/1'] })],
      modules: [removed('Elixir.Size.Square')],
    };
    expect(scripts(fields, 'up', ['Elixir.Size'])).toEqual({
      first: [upPath, 'wait for Elixir.Size'],
      last: ['wait for Elixir.Size', 'load Elixir.Size'],
    });
  });

  it('load a protocol that is new over its unconsolidated self, and leave one that is gone alone', () => {
    const fields = {
      protocols: [added('Elixir.New')],
      consolidated: { next: ['Elixir.Size', 'Elixir.New'] },
    };
    expect(scripts(fields, 'up', ['Elixir.New']).last).toEqual(['wait for Elixir.New', 'load Elixir.New']);
    expect(scripts(fields, 'down')).toEqual({ first: [downPath], last: [] });
  });

  it("load the application's own module where consolidation was turned off, unless its appup does", () => {
    const fields = { protocols: [removed('Elixir.Size')], consolidated: { next: [] } };
    expect(scripts(fields, 'up').last).toEqual(['load Elixir.Size']);
    expect(scripts(fields, 'up', ['Elixir.Size'])).toEqual({ first: [upPath], last: [] });
    expect(scripts(fields, 'down').last).toEqual(['load Elixir.Size']);
  });

  it('take no notice of a beam whose code is the same', () => {
    const same = { kind: 'equivalent', name: 'Elixir.Size', differences: ['Dbgi'] } as const;
    expect(scripts({ protocols: [same] }, 'up')).toEqual({ first: [upPath], last: [] });
  });
});
