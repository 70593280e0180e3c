import { rmSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { endWithSignals } from '../build/child-process';
import { OtpError } from '../error';
import { writeFolder } from '../output/replace-folder';
import { refuseForeignFolder, refuseOutputPath } from '../output/output-path';
import { openInstallation } from '../upgrade/open-installation';
import { layoutOf, openTree } from '../release';
import { makeScratchFolder, scratchUnwritable } from './scratch-folder';
import { readOverlay, copyRelease } from './scratch-release';
import { checkedLimits } from './limits';
import type { Rehearsal, StepName } from './model';
import { parseProbes, readProbes, type ProbePlan, type Probes } from './probes';
import { RehearsalRun } from './rehearsal-run';

export interface RehearseUpgradeOptions {
  /** The folder of the release that runs in production, or a tarball of it. It is only read. */
  readonly previousRelease: string;
  /** The package that `generateUpgrade` made, `NAME_VSN.tar.gz`. */
  readonly upgradePackage: string;
  /** The path of a file of probes, or what such a file holds. */
  readonly probes?: string | Probes;
  /** Becomes a folder that holds `rehearsal.json`, and with `keep` nothing else: the scratch folder is named in it. */
  readonly outputPath?: string;
  /** The folder that `generate-appups` wrote, for the reasons of instructions. */
  readonly appups?: string;
  /** A file of configuration, `[{App, [{Key, Value}]}]`, to be laid over the `sys.config` of each version. */
  readonly config?: string;
  /** Whether the node gets a network of its own: `auto`, where the system allows it, or `shared`. */
  readonly network?: 'auto' | 'shared';
  /** How many clients make the calls of `during`; 4 unless given. */
  readonly clients?: number;
  /** How long the node is watched after an installation before the version is made permanent; 500 ms unless given. */
  readonly settleTime?: number;
  /** How long the node may take to boot; 60 s unless given. Like the others in milliseconds. */
  readonly bootTimeout?: number;
  /** How long a step may take; 60 s unless given. */
  readonly stepTimeout?: number;
  /** How long a probe may take; 5 s unless given. */
  readonly probeTimeout?: number;
  /** Keep the scratch folder, with the release and the log of the node. */
  readonly keep?: boolean;
  /** Where the scratch folder is made; the system's folder for such things unless given. */
  readonly scratchPath?: string;
  /** Variables beside the environment of this process, for the node. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** What happens, while it happens. */
  readonly onProgress?: (progress: RehearsalProgress) => void;
}

export type RehearsalProgress =
  /** A node was started, under this process id; `folder` is the root of the release that it runs. */
  | { readonly kind: 'node'; readonly pid: number; readonly folder: string }
  | { readonly kind: 'step'; readonly step: StepName; readonly title: string }
  /** release_handler begins to carry out an instruction. */
  | { readonly kind: 'instruction'; readonly step: StepName; readonly instruction: string };

export const rehearsalFile = 'rehearsal.json';

/**
 * Makes an upgrade, and the way back, on a node of its own: boots a copy of the previous release, and does what an
 * operator would do, while it observes the node and clients call it.
 *
 * The node has no name, no cookie and no heart, and where the system allows it a network of its own. It ends with this
 * process, however that ends.
 *
 * @returns what was found; an upgrade that fails is a result, `passed: false`
 * @throws OtpError when what is given is missing or wrong: `release-missing`, `package-missing`, `package-name`, `probes`,
 *   `rehearsal-config`, `rehearsal-limits`, `scratch-unwritable`, `archive-unsafe`, `erts-missing`, ...
 * @throws the reason of `signal` when it is aborted
 */
export async function rehearseUpgrade(options: RehearseUpgradeOptions): Promise<Rehearsal> {
  const { previousRelease, upgradePackage, outputPath, signal, keep = false } = options;
  signal?.throwIfAborted();
  const limits = checkedLimits(options);
  if (outputPath !== undefined) {
    refuseOutputPath(outputPath, [previousRelease, upgradePackage]);
    await refuseForeignFolder(
      outputPath,
      (entries) => entries.includes(rehearsalFile) || entries.includes('rehearsals.json'),
    );
  }
  if (statSync(upgradePackage, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new OtpError('there is no such upgrade package.', {
      code: 'package-missing',
      file: upgradePackage,
      fix: 'Make it with generate-upgrade, or give the path of a NAME_VSN.tar.gz.',
    });
  }
  const probes = await probesOf(options.probes);
  const overlay = options.config === undefined ? undefined : readOverlay(options.config);
  const installation = await openInstallation(previousRelease);
  const layout = layoutOf(installation);
  const packageVersion = versionInName(upgradePackage, installation.name);
  await refuseUnsafe(upgradePackage);
  const scratch = await makeScratchFolder(options.scratchPath ?? tmpdir(), keep);
  const root = join(scratch, 'release');
  let run: RehearsalRun | undefined;
  const removeNow = (): void => {
    run?.endNow();
    if (!keep) rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  };
  const stop = new AbortController();
  const abort = (reason: unknown): void => {
    stop.abort(reason);
    // Whoever waits for its answer need not wait any longer.
    run?.endNow();
  };
  const onAbort = (): void => {
    abort(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort);
  const forget = endWithSignals(() => {
    abort(new OtpError('the rehearsal was interrupted.', { code: 'interrupted' }));
    removeNow();
  });
  const started = performance.now();
  try {
    await copyRelease(previousRelease, root).catch((error: unknown) => {
      throw scratchUnwritable(scratch, error);
    });
    run = new RehearsalRun({
      ...options,
      ...limits,
      signal: stop.signal,
      probes,
      overlay,
      layout,
      name: installation.name,
      base: installation.version,
      packageVersion,
      root,
      scratch,
    });
    const made = await run.make();
    const rehearsal: Rehearsal = {
      ...made,
      milliseconds: Math.round(performance.now() - started),
      ...(keep && { kept: scratch }),
    };
    if (outputPath !== undefined) {
      await writeFolder(outputPath, (folder) =>
        writeFile(join(folder, rehearsalFile), `${JSON.stringify(rehearsal, undefined, 2)}\n`),
      );
    }
    return rehearsal;
  } finally {
    forget();
    signal?.removeEventListener('abort', onAbort);
    await run?.end();
    if (!keep) await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function probesOf(given: string | Probes | undefined): Promise<ProbePlan> {
  if (typeof given === 'string') return readProbes(given);
  return parseProbes(given ?? {}, join(process.cwd(), 'probes'));
}

/**
 * A package is a stranger's until it was looked at, and not every release_handler refuses one that writes elsewhere. One
 * that is cut short or damaged is left to release_handler: what it makes of it is what an operator would see.
 */
async function refuseUnsafe(upgradePackage: string): Promise<void> {
  try {
    await openTree(upgradePackage);
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    if (['archive-unsafe', 'archive-unsupported', 'tree-link', 'tree-too-large'].includes(error.code))
      throw error;
  }
}

/** release_handler finds a package by its name, and each layout wants it at another place. */
function versionInName(path: string, name: string): string {
  const file = basename(path);
  const version = file.startsWith(`${name}_`)
    ? /^(.+)\.tar\.gz$/.exec(file.slice(name.length + 1))?.[1]
    : undefined;
  if (version !== undefined) return version;
  throw new OtpError(`expected an upgrade package of ${name}, ${name}_VSN.tar.gz; found ${file}.`, {
    code: 'package-name',
    file: path,
    fix: 'Give the package under the name that generate-upgrade gave it, and the previous release that it is for.',
  });
}
