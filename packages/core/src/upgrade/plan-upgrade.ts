import { noPolicy, type Appup, type Direction, type PlannedAppup, type UpgradePolicy } from '../appup';
import { diffReleases, readReleasePair, type ReleaseDiff, type ReleasePair } from '../diff';
import { OtpError } from '../error';
import { transformSections } from '../policy';
import type { Release } from '../release';
import {
  around,
  makeRelup,
  protocolScripts,
  providerScripts,
  type Relup,
  type RelupOptions,
  type SurroundingScripts,
} from '../relup';
import { callWindows, runRules, unmatchedPolicy, type Diagnostic } from '../rules';
import { loadedModules } from './loaded-modules';
import { ordersFor, planAppups, type PlannedAppups, type PlannedOrder } from './plan-appups';
import { relupProblems } from './relup-problems';

/** What an upgrade will do, and what was found while planning it. Plain data. */
export interface UpgradePlan {
  readonly next: Release;
  /** One for each base, in the order they were given. */
  readonly differences: readonly ReleaseDiff[];
  /** One for each application whose version differs from that in a base, sorted by name. */
  readonly appups: readonly PlannedAppup[];
  /** Absent where something is in its way; the diagnostics say what. */
  readonly relup: Relup | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlanUpgradeInput {
  /** The releases the package can upgrade from and go back to. */
  readonly previous: readonly Release[];
  readonly next: Release;
  /** Appups written by hand or shipped, by application, in the order they count. */
  readonly keptAppups?: ReadonlyMap<string, readonly Appup[]>;
  /** The appups for these releases, where they have been planned already. */
  readonly appups?: readonly PlannedAppup[];
  readonly policy?: UpgradePolicy;
  readonly relup?: RelupOptions;
}

/**
 * Reads what differs and plans the upgrade from each base and the way back to it. Writes nothing. What stands in the
 * way is in the plan's diagnostics, all of it.
 *
 * @throws OtpError when the releases do not make a pair (`same-version`, `other-release`, `missing-sasl`) or cannot be read
 */
export async function planUpgrade(input: PlanUpgradeInput): Promise<UpgradePlan> {
  const {
    previous,
    next,
    keptAppups = new Map<string, readonly Appup[]>(),
    policy = noPolicy,
    relup,
  } = input;
  checkBases(previous, next);
  const pairs: ReleasePair[] = [];
  for (const base of previous) pairs.push(await readReleasePair(await diffReleases(base, next)));
  const order = relup?.order ?? 'dependencies';
  const differences = pairs.map(({ difference }) => difference);
  const planned =
    input.appups === undefined
      ? planAppups(pairs, keptAppups, policy, order)
      : ordersFor(pairs, input.appups, order);
  const appups = await transformSections(planned.appups, differences, keptAppups, policy.transforms);
  const plan = planFromAppups(next, pairs, { ...planned, appups }, relup);
  return {
    ...plan,
    diagnostics: [...unmatchedPolicy(policy, [next, ...previous]), ...plan.diagnostics],
  };
}

/** The pure part of `planUpgrade`, without what transforms, which are code of the project, make of it. */
export function planFromPairs(
  next: Release,
  pairs: readonly ReleasePair[],
  keptAppups: ReadonlyMap<string, readonly Appup[]>,
  policy: UpgradePolicy,
  options: RelupOptions = {},
): UpgradePlan {
  const planned = planAppups(pairs, keptAppups, policy, options.order ?? 'dependencies');
  return planFromAppups(next, pairs, planned, options);
}

/** The relup that comes of the appups, and what the rules find. */
function planFromAppups(
  next: Release,
  pairs: readonly ReleasePair[],
  { appups, orders, diagnostics: planning }: PlannedAppups,
  options: RelupOptions = {},
): UpgradePlan {
  const differences = pairs.map(({ difference }) => difference);
  const byName = new Map(appups.map(({ application, appup }) => [application, appup]));
  const { relup, problems } = makeRelup({
    next,
    previous: differences.map((difference, at) => ({
      release: difference.previous,
      scriptOrder: scriptOrderOf(orders[at]),
      surrounding: {
        up: surroundingScripts(difference, 'up', appups),
        down: surroundingScripts(difference, 'down', appups),
      },
    })),
    appups: (application) => byName.get(application),
    options,
  });
  const diagnostics = [
    ...planning,
    ...runRules(pairs, appups),
    ...relupProblems(problems),
    ...(relup === undefined ? [] : windowsIn(relup, pairs, orders)),
  ];
  return { next, differences, appups, relup, diagnostics: distinct(diagnostics) };
}

/** The environment is in place before anything else of the release is. */
function surroundingScripts(
  difference: ReleaseDiff,
  direction: Direction,
  appups: readonly PlannedAppup[],
): SurroundingScripts {
  return around(
    providerScripts(difference, direction),
    protocolScripts(difference, direction, loadedModules(difference, direction, appups)),
  );
}

type PlannedOrders = Readonly<Record<Direction, PlannedOrder>>;

function scriptOrderOf(orders: PlannedOrders | undefined): Record<Direction, readonly string[]> | undefined {
  return orders && { up: orders.up.scripts, down: orders.down.scripts };
}

function windowsIn(
  relup: Relup,
  pairs: readonly ReleasePair[],
  orders: readonly PlannedOrders[],
): Diagnostic[] {
  return pairs.flatMap((pair, at) =>
    (['up', 'down'] as const).flatMap((direction) => {
      const { version } = pair.difference.previous;
      const entry = relup[direction].find((one) => one.version === version);
      const order = orders[at]?.[direction];
      if (entry === undefined || order === undefined) return [];
      const way = direction === 'up' ? `on the way up from ${version}` : `on the way down to ${version}`;
      return callWindows(pair, direction, entry.instructions, order.isCircle, way);
    }),
  );
}

function checkBases(previous: readonly Release[], next: Release): void {
  const seen = new Map<string, string>();
  if (previous.length === 0) {
    throw new OtpError('no previous release was given, so there is nothing to upgrade from.', {
      code: 'no-previous-release',
      fix: 'Give the folder or tarball of the release that runs in production as previousRelease.',
    });
  }
  for (const release of [next, ...previous]) {
    if (!release.applications.some((application) => application.name === 'sasl')) {
      throw new OtpError(
        `the release ${release.name} ${release.version} does not have sasl, and sasl holds OTP's release_handler, which installs upgrades.`,
        {
          code: 'missing-sasl',
          file: release.relFile,
          fix: "Add sasl to the release's applications.",
        },
      );
    }
  }
  for (const base of previous) {
    if (base.name !== next.name) {
      throw new OtpError(`this is the release ${base.name}, and the new one is ${next.name}.`, {
        code: 'other-release',
        file: base.path,
        fix: `Give a previous release of ${next.name}.`,
      });
    }
    if (base.version === next.version) {
      throw new OtpError(`the previous release has version ${base.version}, and so has the new one.`, {
        code: 'same-version',
        file: base.path,
        fix: 'Give the new release another version, or another previous release.',
      });
    }
    const twin = seen.get(base.version);
    if (twin !== undefined) {
      throw new OtpError(
        `the previous releases ${twin} and ${base.path} have the same version, ${base.version}.`,
        {
          code: 'same-version',
          fix: 'Give each previous version once.',
        },
      );
    }
    seen.set(base.version, base.path);
  }
}

/** Bases share applications, and what is wrong with one is said once. */
function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}
