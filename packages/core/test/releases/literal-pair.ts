import type { ApplicationDiff, IndexedModule, ModuleDiff, ReleasePair } from '../../src/diff';
import { readTerms } from '../../src/erlang';
import type { Application, Release } from '../../src/release';
import { parseAppFile } from '../../src/release/app-file';
import { appFile } from './build-release';
import { facts, type LiteralFacts } from './literal-facts';

export interface LiteralApplication {
  /** Its modules that differ; none where the application did not change. */
  readonly modules?: readonly ModuleDiff[];
  /** Modules that are the same in both releases. */
  readonly same?: Readonly<Record<string, LiteralFacts>>;
  /** In which releases it is; both unless given. */
  readonly only?: 'previous' | 'next' | undefined;
  readonly needs?: readonly string[];
}

/** The releases 1 and 2 with these applications, in this order in both. Those with modules that differ go from 1 to 2. */
export function literalPair(applications: Readonly<Record<string, LiteralApplication>>): ReleasePair {
  const standard: Readonly<Record<string, LiteralApplication>> = { kernel: {}, stdlib: {}, sasl: {} };
  const all = Object.entries({ ...standard, ...applications });
  const sides = { previous: new Map<string, IndexedModule>(), next: new Map<string, IndexedModule>() };
  const built = all.map(([name, application]) => {
    const { modules = [], same = {}, only, needs = [] } = application;
    for (const [module, literal] of Object.entries(same)) {
      const unchanged = facts(module, literal);
      if (only !== 'next') sides.previous.set(module, { application: name, facts: unchanged });
      if (only !== 'previous') sides.next.set(module, { application: name, facts: unchanged });
    }
    for (const module of modules) {
      if ('previous' in module)
        sides.previous.set(module.name, { application: name, facts: module.previous });
      if ('next' in module) sides.next.set(module.name, { application: name, facts: module.next });
    }
    const of = (side: 'previous' | 'next'): Application => {
      const version = side === 'next' && modules.length > 0 ? '2' : '1';
      const listed = [...sides[side]]
        .filter(([, one]) => one.application === name)
        .map(([module]) => `'${module}'`);
      const resource = parseAppFile(readTerms(appFile({ name, version, listed, needs }), `${name}.app`));
      return {
        name,
        version,
        startType: 'permanent',
        includedApplications: [],
        resource,
        libPath: `lib/${name}-${version}`,
        tree: {
          kind: 'folder',
          origin: `lib/${name}-${version}`,
          files: [],
        } as unknown as Application['tree'],
      };
    };
    return { name, only, modules, previous: of('previous'), next: of('next') };
  });
  const release = (version: string, side: 'previous' | 'next'): Release =>
    ({
      name: 'dummy',
      version,
      ertsVersion: '13.1',
      relFile: 'dummy.rel',
      path: side,
      applications: built.filter(({ only }) => only === undefined || only === side).map((one) => one[side]),
    }) as unknown as Release;
  const kept = built.flatMap(({ name, only, modules, previous, next }): ApplicationDiff[] =>
    only === undefined ? [{ name, previous, next, modules, files: [], resource: {} }] : [],
  );
  return {
    difference: {
      previous: release('1', 'previous'),
      next: release('2', 'next'),
      added: built.filter(({ only }) => only === 'next').map(({ next }) => next),
      removed: built.filter(({ only }) => only === 'previous').map(({ previous }) => previous),
      kept,
      stripped: [],
      startScripts: [],
      configuration: [],
      protocols: [],
      configProviders: { previous: [], next: [] },
      placeholders: [],
    },
    modules: sides,
  };
}
