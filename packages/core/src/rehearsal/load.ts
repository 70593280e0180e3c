import { atom, printTerm } from '../erlang';
import type { ReleaseLayout } from '../release';
import { milliseconds } from './installation-record';
import type { Finding, LoadResult } from './model';
import type { NamedProbe, ProbePlan } from './probes';
import type { Snapshot } from './snapshot';

/** What the clients of a node have counted, by probe; see `count_call/5` in `nx_otp_rehearsal.erl`. */
export interface LoadCounts {
  readonly probes: readonly {
    readonly outside: number;
    readonly within: number;
    readonly into: number;
    readonly out: number;
    readonly across: number;
    readonly failures: number;
    /** Microseconds. */
    readonly longest: number;
    readonly longestWithin: number;
  }[];
  /** Calls that wait for their answer. */
  readonly busy: number;
}

/** @param counts undefined where nothing was heard of the clients */
export function loadResult(
  counts: LoadCounts | undefined,
  probes: readonly NamedProbe[],
  clients: number,
): LoadResult {
  const none = {
    outside: 0,
    within: 0,
    into: 0,
    out: 0,
    across: 0,
    failures: 0,
    longest: 0,
    longestWithin: 0,
  };
  const each = probes.map(({ name }, index) => {
    const { within, into, out, across, outside, failures, longest, longestWithin } =
      counts?.probes[index] ?? none;
    return {
      name,
      within,
      across: into + out + across,
      outside,
      failures,
      longestMilliseconds: milliseconds(longestWithin),
      longestOutsideMilliseconds: milliseconds(longest),
    };
  });
  return {
    clients: probes.length === 0 ? 0 : clients,
    probes: each,
    calls: each.reduce((sum, { within, across }) => sum + within + across, 0),
    failures: each.reduce((sum, { failures }) => sum + failures, 0),
    longestMilliseconds: Math.max(0, ...each.map(({ longestMilliseconds }) => longestMilliseconds)),
  };
}

/** Of what no call was served during an installation; an error where there was none at all. */
export function unservedProbes(load: LoadResult | undefined): Finding[] {
  return (load?.probes ?? [])
    .filter(({ within, across }) => within + across === 0)
    .map(({ name }) => ({
      severity: load?.calls === 0 ? 'error' : 'note',
      code: 'no-calls',
      text: `no call of ${JSON.stringify(name)} was served while release_handler installed: it says nothing of the upgrade.`,
    }));
}

/** A rehearsal that asked nothing has shown nothing. */
export function withoutCalls(
  { before, during, upgraded, downgraded, always }: ProbePlan,
  base: Snapshot | undefined,
  layout: ReleaseLayout,
): Finding[] {
  if (during.length > 0) return [];
  const none = [before, upgraded, downgraded, always].every((phase) => phase.length === 0);
  const what = none ? 'no probes were given' : 'no probe calls the node while it is upgraded';
  return [
    {
      severity: 'error',
      code: 'no-probes',
      text: `${what}: that the upgrade serves calls is not shown. ${firstProbe(base, layout)}`,
    },
  ];
}

const notOfProject: readonly string[] = ['kernel', 'stdlib', 'sasl', 'logger', 'elixir', 'compiler'];

/** An example made of the processes of the release itself. */
function firstProbe(base: Snapshot | undefined, layout: ReleaseLayout): string {
  const own = base?.processes.find(
    ({ name, type, application }) => name !== '' && type === 'worker' && !notOfProject.includes(application),
  );
  const name = own?.name ?? 'my_server';
  const call =
    layout === 'mix'
      ? `:sys.get_state(${name.startsWith('Elixir.') ? name.slice('Elixir.'.length) : `:${name}`}, 5000)`
      : `sys:get_state(${printTerm(atom(name))}, 5000)`;
  return `Write rel/probes.json, to begin with ${JSON.stringify({ during: [call] })}, better with a call of yours in its place; see docs/rehearsal.md.`;
}
