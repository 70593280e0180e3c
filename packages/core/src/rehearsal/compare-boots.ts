import type { Finding, FindingCode } from './model';
import type { ChildShape, NodeShape, StateShape } from './node-shape';

export interface ComparedBoots {
  /** The node that has booted the version that was left. */
  readonly before: NodeShape;
  /** The same node in the version that was installed, when that was made permanent. */
  readonly upgraded: NodeShape;
  /** A node that has booted that version. */
  readonly booted: NodeShape;
  readonly version: string;
}

/**
 * What an appup forgot: where a node that was upgraded differs from one that has booted the version. A difference counts
 * only where the upgraded node has kept what the version before had, or lacks what that did not have: all else may come
 * from what the node has done meanwhile.
 */
export function compareBoots(compared: ComparedBoots): Finding[] {
  return [
    ...compareChildren(compared),
    ...compareStates(compared),
    ...compareEnvironment(compared),
    ...compareTables(compared),
  ];
}

function compareChildren({ before, upgraded, booted, version }: ComparedBoots): Finding[] {
  const findings: Finding[] = [];
  const [earlier, now, fresh] = [before, upgraded, booted].map(({ children }) => byPlace(children)) as [
    Places<ChildShape>,
    Places<ChildShape>,
    Places<ChildShape>,
  ];
  const find = (severity: Finding['severity'], code: FindingCode, child: ChildShape, text: string): void => {
    const process = { pid: '', application: child.application, path: child.path };
    findings.push({ severity, code, process, text });
  };
  for (const [place, child] of fresh) {
    const found = now.get(place);
    if (child.running && found?.running !== true && earlier.get(place)?.running !== true) {
      // One that may end by itself may have done so.
      find(
        child.restart === 'permanent' ? 'error' : 'note',
        'process-missing',
        child,
        `the child ${named(child)} does not run after the upgrade, and does after a restart into ${version}: nothing has started it.`,
      );
    }
    const old = earlier.get(place);
    if (found === undefined || old === undefined) continue;
    const kept = differing(old, child).filter((key) => found[key] === old[key]);
    if (kept.length === 0) continue;
    const counts = kept.some((key) => key === 'start' || key === 'type' || key === 'modules');
    const each = kept.map((key) => `${key} ${found[key]}, and not ${child[key]}`);
    find(
      counts ? 'error' : 'note',
      'child-specification-differs',
      child,
      `the supervisor of the child ${named(child)} still has the specification of the version before: ${each.join('; ')}.`,
    );
  }
  for (const [place, child] of now) {
    if (!child.running || fresh.has(place) || earlier.get(place)?.running !== true) continue;
    find(
      'error',
      'process-left',
      child,
      `the child ${named(child)} still runs after the upgrade, and ${version} does not have it.`,
    );
  }
  return findings;
}

const specificationKeys = ['start', 'arguments', 'restart', 'shutdown', 'type', 'modules'] as const;

function differing(left: ChildShape, right: ChildShape): (typeof specificationKeys)[number][] {
  return specificationKeys.filter((key) => left[key] !== right[key]);
}

function compareStates({ before, upgraded, booted, version }: ComparedBoots): Finding[] {
  const [earlier, fresh] = [before, booted].map(({ states }) => byPlace(states)) as [
    Places<StateShape>,
    Places<StateShape>,
  ];
  return upgraded.states.flatMap((state): Finding[] => {
    const old = earlier.get(placeOf(state));
    const wanted = fresh.get(placeOf(state));
    if (old === undefined || wanted === undefined) return [];
    if (old.text !== state.text || wanted.text === state.text) return [];
    const process = { pid: state.pid, application: state.application, path: state.path };
    if (state.kind === 'supervisor') {
      return wanted.kind !== 'supervisor'
        ? []
        : [
            {
              severity: 'note',
              code: 'supervisor-differs',
              process,
              text: `the supervisor ${named(state)} goes on with the flags of the version before: ${state.text}, and not ${wanted.text}.`,
            },
          ];
    }
    // The same record with other fields is no other state that the process may have as well.
    const isSame = state.kind !== 'other' && state.kind === wanted.kind && state.name === wanted.name;
    return [
      {
        severity: isSame ? 'error' : 'note',
        code: 'state-differs',
        process,
        text: `the state of ${named(state)} was not converted: it is ${state.text} as before, and after a restart into ${version} ${wanted.text}.`,
      },
    ];
  });
}

function compareEnvironment({ before, upgraded, booted, version }: ComparedBoots): Finding[] {
  const values = ({ environment }: NodeShape): ReadonlyMap<string, string> =>
    new Map(environment.map(({ application, key, value }) => [JSON.stringify([application, key]), value]));
  const [old, now] = [values(before), values(upgraded)];
  return booted.environment.flatMap(({ application, key, value }): Finding[] => {
    const place = JSON.stringify([application, key]);
    const found = now.get(place);
    // What is another value each time says nothing.
    if (found === value || old.get(place) !== value) return [];
    return [
      {
        severity: 'error',
        code: 'environment-differs',
        text: `the environment of ${application} has ${found === undefined ? `no value for ${key}` : `${found} for ${key}`} after the upgrade; before it, and after a restart into ${version}, ${value}.`,
      },
    ];
  });
}

function compareTables({ before, upgraded, booted, version }: ComparedBoots): Finding[] {
  const names = ({ tables }: NodeShape): ReadonlySet<string> => new Set(tables.map(({ name }) => name));
  const [old, now] = [names(before), names(upgraded)];
  return booted.tables
    .filter(({ name }) => !now.has(name) && !old.has(name))
    .map(({ application, name }) => ({
      severity: 'error',
      code: 'table-missing',
      text: `the ets table ${name} of ${application} is not there after the upgrade, and is after a restart into ${version}.`,
    }));
}

type Places<T> = ReadonlyMap<string, T>;

interface Placed {
  readonly application: string;
  readonly path: string;
}

function placeOf({ application, path }: Placed): string {
  return JSON.stringify([application, path]);
}

function byPlace<T extends Placed>(all: readonly T[]): Places<T> {
  return new Map(all.map((one) => [placeOf(one), one]));
}

function named({ application, path }: Placed): string {
  return `${path} of ${application}`;
}
