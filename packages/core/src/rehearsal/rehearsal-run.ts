import { copyFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OtpError } from '../error';
import { atom, type Term } from '../erlang';
import { launchRelease, type ReleaseLaunch } from '../node';
import type { ReleaseLayout } from '../release';
import { compareBoots } from './compare-boots';
import { checkOldCode, checkSuspended, checkVersion, type ExpectedVersion } from './check-version';
import { compareProcesses, type Exit } from './compare-processes';
import { counted, listed, logCodes, quoted, withoutPids } from './finding-texts';
import { loadResult, unservedProbes, withoutCalls, type LoadCounts } from './load';
import { readProbeModules, type ProbeModule } from './probe-modules';
import {
  differingApplications,
  moduleHashes,
  versionOnDisk,
  type ModuleHashes,
  type VersionOnDisk,
} from './expected-modules';
import { exitReason, explainBoot, explainFailure } from './explain-failure';
import { keptFiles } from './kept-files';
import { InstallationRecord, milliseconds } from './installation-record';
import { appliedFunctions, installedScript, Origins, type InstalledScript } from './installed-relup';
import { networkNamespace, type NetworkNamespace } from './isolation';
import {
  rehearsalFormatVersion,
  type Aftermath,
  type Finding,
  type Installation,
  type Isolation,
  type ProbeResult,
  type ProcessDescription,
  type Rehearsal,
  type RehearsalStep,
  type StepName,
} from './model';
import type { NodeShape } from './node-shape';
import { staleLibraries } from './stale-libraries';
import type { NamedProbe, Phase, ProbePlan } from './probes';
import { placePackage, switchStartScript } from './package-place';
import type { RehearseUpgradeOptions } from './rehearse-upgrade';
import { logTail, NodeLost, RehearsalNode } from './rehearsal-node';
import { layOver, releaseFiles } from './scratch-release';
import { describe, processText, type Snapshot } from './snapshot';
import { textOf, type RequestValue } from './values';

export interface RunOptions extends Omit<RehearseUpgradeOptions, 'probes'> {
  readonly probes: ProbePlan;
  readonly overlay: Term | undefined;
  readonly layout: ReleaseLayout;
  readonly name: string;
  readonly base: string;
  /** As the name of the package says. */
  readonly packageVersion: string;
  /** The copy of the release, and the folder that it lies in. */
  readonly root: string;
  readonly scratch: string;
}

/** A step that could not be made: nothing can follow it. */
class StepFailed extends Error {
  constructor(readonly finding: Finding) {
    super(finding.text);
  }
}

/** A step while it is being made. */
interface OpenStep {
  readonly name: StepName;
  readonly title: string;
  readonly findings: Finding[];
  readonly probes: ProbeResult[];
  installation?: Installation;
  node?: RehearsalStep['node'];
}

interface Outcome {
  readonly ok: boolean;
  readonly result: string;
  readonly started: number;
  readonly ended: number;
}

interface InstallOutcome extends Outcome {
  readonly load: LoadCounts;
}

/** The node's side, in Erlang; the same path from `src` and from `dist`. */
const nodeSource = join(__dirname, '..', '..', 'priv', 'rehearsal', 'nx_otp_rehearsal.erl');

/** One rehearsal, from the first boot to the last finding. */
export class RehearsalRun {
  readonly #steps: RehearsalStep[] = [];
  readonly #findings: Finding[] = [];
  readonly #exits = new Map<string, Exit>();
  readonly #descriptions = new Map<string, ProcessDescription>();
  readonly #usualErrors = new Set<string>();
  readonly #logFile: string;
  readonly #source: string;
  #namespace: NetworkNamespace | undefined;
  #isolation: Isolation = { network: 'shared' };
  #launch: ReleaseLaunch | undefined;
  #node: RehearsalNode | undefined;
  #hello: { readonly otp: string; readonly erts: string } | undefined;
  #step: OpenStep | undefined;
  #record: InstallationRecord | undefined;
  #lastLoad: LoadCounts | undefined;
  #modules: readonly RequestValue[] = [];
  #filesBefore: ReadonlySet<string> = new Set();
  #before: Snapshot | undefined;
  #endedBefore: ReadonlySet<string> = new Set();
  #embedded = false;
  #bootedShape: NodeShape | undefined;
  #upgradedShape: NodeShape | undefined;
  #baseOnDisk: VersionOnDisk | undefined;
  #nextOnDisk: VersionOnDisk | undefined;
  #baseHashes: ModuleHashes = new Map();
  #nextHashes: ModuleHashes = new Map();
  #origins: Origins | undefined;
  #version: string | undefined;
  #isOver = false;
  #probeModules: readonly ProbeModule[] = [];
  /** The probe that the node was asked for last, while there is no answer. */
  #asked: NamedProbe | undefined;
  /** Where in the log the node that runs now began to print. */
  #logStart = 0;

  constructor(private readonly options: RunOptions) {
    this.#logFile = join(options.scratch, 'node.log');
    this.#source = join(options.scratch, 'nx_otp_rehearsal.erl');
  }

  /** Ends the node, for a process that is about to end. */
  endNow(): void {
    this.#node?.killNow();
  }

  async end(): Promise<void> {
    await this.#node?.kill();
  }

  async make(): Promise<Omit<Rehearsal, 'milliseconds' | 'kept'>> {
    const { root, scratch, base, name, layout, overlay, probes } = this.options;
    await copyFile(nodeSource, this.#source);
    await this.#isolate();
    if (overlay !== undefined) layOver(root, base, overlay);
    this.#filesBefore = new Set(releaseFiles(root));
    this.#baseOnDisk = versionOnDisk(root, base, name);
    // What is wrong with the release itself is no finding but a mistake of whoever gave it.
    this.#launch = await this.#launchOf();
    this.#probeModules = await readProbeModules(probes.modules, join(scratch, 'probes'));
    let aftermath: Aftermath | undefined;
    try {
      await this.#allSteps();
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      aftermath = await this.#lookAfter();
    }
    this.#findings.push(...withoutCalls(probes, this.#before, layout));
    const findings = [...this.#findings, ...this.#steps.flatMap((step) => step.findings)];
    return {
      formatVersion: rehearsalFormatVersion,
      passed: aftermath === undefined && !findings.some(({ severity }) => severity === 'error'),
      name,
      base,
      ...(this.#version !== undefined && { version: this.#version }),
      layout,
      ...(this.#hello !== undefined && { otp: this.#hello.otp, erts: this.#hello.erts }),
      emulator: this.#launch.emulator,
      isolation: this.#isolation,
      steps: this.#steps,
      findings: this.#findings,
      ...(aftermath !== undefined && { aftermath }),
    };
  }

  async #isolate(): Promise<void> {
    const { network = 'auto', config } = this.options;
    const withConfig = config === undefined ? {} : { config };
    if (network === 'shared') {
      this.#isolation = { network, reason: 'as it was asked for', ...withConfig };
      return;
    }
    const found = await networkNamespace();
    if (found.kind === 'namespace') this.#namespace = found.namespace;
    this.#isolation =
      found.kind === 'namespace'
        ? { network: 'namespace', ...withConfig }
        : { network: 'shared', reason: found.reason, ...withConfig };
  }

  async #allSteps(): Promise<void> {
    const { base, name, root, layout, upgradePackage, packageVersion, overlay } = this.options;
    await this.#make('boot', `boot ${base}`, async () => {
      await this.#boot();
      await this.#probe('booted', 'before', 'always');
      await this.#firstLook();
      this.#bootedShape = await this.#shape();
      await this.#startLoad();
    });
    const version = await this.#make('unpack', `unpack ${name}_${packageVersion}`, async () => {
      const packageName = await placePackage(upgradePackage, root, { layout, name, version: packageVersion });
      const { result } = await this.#observed(() => this.#release('unpack', [packageName]));
      const unpacked = /^\{ok,"(.*)"\}$/.exec(result)?.[1] ?? packageVersion;
      for (const finding of await keptFiles(upgradePackage, root, unpacked, this.#filesBefore)) {
        this.#find(finding);
      }
      await this.#unpacked(unpacked);
      await this.#probe('always');
      return unpacked;
    });
    if (overlay !== undefined) layOver(root, version, overlay);
    await this.#make('check', `check ${version}`, async () => {
      // It carries out what an appup applies before the point of no return.
      await this.#observed(() => this.#checkInstall(base, version));
      await this.#probe('always');
    });
    await this.#make('install', `install ${version}`, () => this.#install(base, version, 'upgraded'));
    await this.#make('make-permanent', `make ${version} permanent`, () =>
      this.#makePermanent(version, 'upgraded'),
    );
    await this.#make('restart', `restart into ${version}`, () => this.#restart(version, 'upgraded'));
    await this.#make('downgrade', `install ${base} again`, async () => {
      await this.#startLoad();
      await this.#install(version, base, 'downgraded');
    });
    await this.#make('make-permanent-base', `make ${base} permanent`, () =>
      this.#makePermanent(base, 'downgraded'),
    );
    await this.#make('restart-base', `restart into ${base}`, () => this.#restart(base, 'downgraded'));
    await this.#make('remove', `remove ${version}`, async () => {
      await this.#observed(() => this.#release('remove', [version]));
      await this.#probe('downgraded', 'always');
      this.#checkFiles();
    });
    await this.#node?.stop(10_000);
  }

  /** Makes a step, and keeps what was found in it, however it ends. @throws StepFailed */
  async #make<T>(name: StepName, title: string, action: () => Promise<T>): Promise<T> {
    const { signal, onProgress } = this.options;
    signal?.throwIfAborted();
    onProgress?.({ kind: 'step', step: name, title });
    const step: OpenStep = { name, title, findings: [], probes: [] };
    this.#step = step;
    const started = performance.now();
    let failed: StepFailed | undefined;
    try {
      const value = await action();
      await this.#ask('sync', []);
      return value;
    } catch (error) {
      signal?.throwIfAborted();
      failed = await this.#asFailure(error, step);
      this.#find(failed.finding);
      this.#isOver = true;
      throw failed;
    } finally {
      this.#step = undefined;
      const findings = counted(step.findings);
      this.#steps.push({
        name,
        title,
        passed: failed === undefined && !findings.some(({ severity }) => severity === 'error'),
        milliseconds: Math.round(performance.now() - started),
        findings,
        probes: step.probes,
        ...(step.installation !== undefined && { installation: step.installation }),
        ...(step.node !== undefined && { node: step.node }),
      });
    }
  }

  async #asFailure(error: unknown, step: OpenStep): Promise<StepFailed> {
    if (error instanceof StepFailed) return error;
    // Who asked a node that is about to end was often told so by a process that ended first.
    if (error instanceof NodeLost && error.kind === 'failed' && (await this.#node?.endsWithin(3000))) {
      const ended = await this.#node?.ended;
      return this.#asFailure(new NodeLost('ended', `the node ended (${ended ?? ''})`), step);
    }
    const instruction = this.#record?.current;
    const at = instruction === undefined ? {} : { instruction };
    const during =
      instruction !== undefined
        ? ` while release_handler carried out ${instruction.instruction}`
        : this.#asked !== undefined
          ? ` when it was asked for the probe ${quoted(this.#asked)}`
          : '';
    this.#asked = undefined;
    const fail = (code: Finding['code'], text: string, term?: string): StepFailed =>
      new StepFailed({ severity: 'error', code, text, ...(term !== undefined && { term }), ...at });
    if (error instanceof NodeLost) {
      switch (error.kind) {
        case 'ended':
          return fail('node-ended', `${error.message}${during}${this.#orNext()}.`, this.#printed(1500));
        case 'restarted':
          return fail('node-restarted', `the node restarted itself${during}.`, this.#printed(1500));
        case 'timeout':
          return fail('timeout', `${error.message}${during}.${await this.#whereItWaits(step)}`);
        case 'failed':
          return fail('step-failed', error.message);
      }
    }
    if (error instanceof OtpError) return fail('boot-failed', error.message);
    throw error;
  }

  /** Of a step that does not end: a sentence, or nothing where the node does not say it. */
  async #whereItWaits(step: OpenStep): Promise<string> {
    if (step.name === 'boot') return '';
    const asked = this.#record?.waitsFor;
    const ask = (...args: readonly string[]): Promise<string> =>
      this.#ask('where', args, 2000).then(String, () => '');
    if (asked !== undefined)
      return ` It waits for ${processText(asked)}, which is in ${await ask(asked.pid)}.`;
    const where = await ask();
    return where === '' ? '' : ` release_handler is in ${where}.`;
  }

  /** The node that ended did so before it could tell of the instruction that it began. */
  #orNext(): string {
    const next = this.#record?.next;
    return next === undefined ? '' : `, or the one after it, ${next}`;
  }

  #launchOf(): Promise<ReleaseLaunch> {
    const { root, env } = this.options;
    // Flags for another node than this.
    const none = {
      ERL_FLAGS: undefined,
      ERL_AFLAGS: undefined,
      ERL_ZFLAGS: undefined,
      ERL_LIBS: undefined,
      RELDIR: undefined,
    };
    return launchRelease({ root, env: { ...process.env, ...none, ...env } });
  }

  /** Boots what the release says, in a new operating system process. */
  async #boot(): Promise<RehearsalNode> {
    const { bootTimeout = 60_000, signal, onProgress, root, config } = this.options;
    const launch = await this.#launchOf();
    this.#launch = launch;
    const args = config === undefined ? launch.args : [...launch.args, '-config', config];
    this.#logStart = statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
    signal?.throwIfAborted();
    // Known before it has booted: whoever is interrupted ends it.
    const node = new RehearsalNode({
      launch: { ...launch, args },
      namespace: this.#namespace,
      source: this.#source,
      logFile: this.#logFile,
      signal,
      onEvent: (name, event) => {
        this.#heard(name, event);
      },
    });
    this.#node = node;
    onProgress?.({ kind: 'node', pid: node.pid, folder: root });
    try {
      await node.booted(1, bootTimeout);
      await this.#settled(node);
    } catch (error) {
      await node.kill();
      if (error instanceof NodeLost) throw this.#bootFailed(launch.version, error);
      throw error;
    }
    this.#hello = node.hello;
    await this.#loadProbeModules();
    return node;
  }

  /** An application that cannot start ends the node, but not before it has told that it has booted. @throws NodeLost */
  async #settled(node: RehearsalNode): Promise<void> {
    try {
      await node.ask('settled', [], this.options.bootTimeout ?? 60_000);
    } catch (error) {
      const ended = (await node.endsWithin(5000)) ? await node.ended : undefined;
      throw ended === undefined ? error : new NodeLost('ended', `the node ended (${ended})`);
    }
  }

  /** What the node that runs now, or ran last, has printed: the end of it. */
  #printed(length = 3000): string {
    return logTail(this.#logFile, length, this.#logStart);
  }

  #bootFailed(version: string, error: NodeLost): StepFailed {
    const log = this.#printed();
    const clash = /eaddrinuse/.test(log);
    return new StepFailed({
      severity: 'error',
      code: clash ? 'address-in-use' : 'boot-failed',
      text: `${version} does not boot: ${error.message}.${clash ? ` ${this.#inUse()}` : explainBoot(log)}`,
      term: log,
    });
  }

  #inUse(): string {
    const { network } = this.#isolation;
    return network === 'shared'
      ? 'An address is in use: the node shares the network of this machine, where somebody listens on that port already. Give other ports in rel/rehearsal.config, or rehearse where network namespaces are allowed.'
      : 'An address is in use: two parts of the release want the same port.';
  }

  async #loadProbeModules(): Promise<void> {
    if (this.#probeModules.length === 0) return;
    const sources = this.#probeModules.map(({ file, code }): RequestValue => ({ file, ...code }));
    const loaded = (await this.#ask('code', [sources])) as readonly { ok: boolean; reason?: string }[];
    loaded.forEach(({ ok, reason }, index) => {
      if (ok) return;
      const file = basename(this.#probeModules[index]?.file ?? '');
      this.#find({
        severity: 'error',
        code: 'probe-module',
        text: `the module in ${file} cannot be loaded: ${reason ?? ''}.`,
      });
    });
  }

  /** What the base is like, to compare with. */
  async #firstLook(): Promise<void> {
    const { root } = this.options;
    const base = this.#baseOnDisk;
    const first = await this.#look();
    if (base === undefined) return;
    const running = new Set(first.applications.map(({ name }) => name));
    this.#endedBefore = new Set([...base.started].filter((name) => !running.has(name)));
    for (const name of this.#endedBefore) {
      this.#find({
        severity: 'note',
        code: 'application-differs',
        text: `the application ${name} does not run on the base either.`,
      });
    }
    this.#embedded =
      this.#launch?.args.some((arg, at, args) => arg === 'embedded' && args[at - 1] === '-mode') ?? false;
    this.#filesBefore = new Set([...this.#filesBefore, ...releaseFiles(root)]);
  }

  /** The new version lies in the scratch folder now. */
  async #unpacked(version: string): Promise<void> {
    const { root, name, appups } = this.options;
    this.#version = version;
    const base = this.#baseOnDisk;
    const next = versionOnDisk(root, version, name);
    this.#nextOnDisk = next;
    if (base === undefined || next === undefined) return;
    const differing = differingApplications(base, next);
    try {
      this.#baseHashes = await moduleHashes(root, base, differing);
      this.#nextHashes = await moduleHashes(root, next, differing);
    } catch (error) {
      if (!(error instanceof OtpError)) throw error;
      this.#find({ severity: 'error', code: 'module-differs', text: error.message });
    }
    this.#modules = [...new Set([...this.#baseHashes.keys(), ...this.#nextHashes.keys()])]
      .sort()
      .map((module) => atom(module));
    this.#origins = new Origins(root, next, base, appups);
  }

  async #install(from: string, to: string, phase: Phase): Promise<void> {
    const { settleTime = 500, layout, stepTimeout = 60_000, probes, clients = 4 } = this.options;
    const before = await this.#watch();
    const { script, record, calls } = this.#recorded(from, to);
    // What bin/NAME of relx asks for.
    const options: RequestValue = layout === 'relx' ? { update_paths: true } : {};
    let outcome: InstallOutcome | undefined;
    let waited = 0;
    try {
      outcome = (await this.#ask('install', [to, options, calls], stepTimeout)) as InstallOutcome;
    } catch (error) {
      if (error instanceof NodeLost && error.kind === 'timeout') waited = stepTimeout * 1000;
      throw error;
    } finally {
      for (const finding of record.findings) this.#find(finding);
      if (this.#step !== undefined) {
        const start = outcome?.started ?? record.firstHeard;
        const end = outcome?.ended ?? Math.max(record.lastHeard, start + waited);
        this.#step.installation = {
          to,
          milliseconds: milliseconds(end - start),
          instructions: record.instructions(end),
          suspended: record.suspended(end),
          load: loadResult(outcome?.load ?? this.#lastLoad, probes.during, clients),
        };
      }
    }
    if (outcome?.ok !== true) throw await this.#refused(outcome ?? { result: '' }, record);
    this.#record = undefined;
    for (const finding of record.notCalled(before.processes)) this.#find(finding);
    for (const finding of unservedProbes(this.#step?.installation?.load)) this.#find(finding);
    await sleep(settleTime);
    const after = await this.#look();
    this.#compare(before, after, script);
    this.#check(after, to);
    for (const finding of checkOldCode(after, 'would-kill')) this.#find(finding);
    await this.#probe(phase, 'always');
  }

  /** `check_install_release` carries out what comes before the point of no return: it can fail as an installation can. */
  async #checkInstall(from: string, to: string): Promise<void> {
    const { record, calls } = this.#recorded(from, to);
    const outcome = (await this.#ask('check', [to, calls], this.options.stepTimeout ?? 60_000)) as Outcome;
    for (const finding of record.findings) this.#find(finding);
    if (!outcome.ok) throw await this.#refused(outcome, record);
    this.#record = undefined;
  }

  /** A record of what release_handler does from now on, with the functions that its script applies. */
  #recorded(
    from: string,
    to: string,
  ): {
    readonly script: InstalledScript | undefined;
    readonly record: InstallationRecord;
    readonly calls: RequestValue;
  } {
    const script = installedScript(this.options.root, from, to);
    const record = new InstallationRecord(script, this.#origins, (pid) => this.#processOf(pid));
    this.#record = record;
    const applied = script === undefined ? [] : appliedFunctions(script);
    return {
      script,
      record,
      calls: applied.map(([module, name, arity]) => [atom(module), atom(name), arity] as const),
    };
  }

  async #refused(
    { result }: Pick<Outcome, 'result'>,
    record?: InstallationRecord,
  ): Promise<StepFailed | NodeLost> {
    // That is no answer of release_handler: it has died, and mostly the node with it.
    const died = result.startsWith('{error,{exit,') && !result.includes('noproc');
    if (died && (await this.#node?.endsWithin(3000))) {
      return new NodeLost('ended', `the node ended (${(await this.#node?.ended) ?? ''})`);
    }
    const words = explainFailure(result);
    const instruction = record?.current;
    return new StepFailed({
      severity: 'error',
      code: 'step-failed',
      term: result,
      text: words ?? `release_handler says ${exitReason(result)}.`,
      ...(instruction !== undefined && { instruction }),
    });
  }

  async #makePermanent(version: string, phase: Phase): Promise<void> {
    const { root, name, layout } = this.options;
    const before = await this.#watch();
    await this.#release('permanent', [version]);
    if (layout === 'relx') await switchStartScript(root, name, version);
    await this.#stopLoad();
    await this.#ask('sync', []);
    const after = await this.#look();
    this.#compare(before, after, undefined);
    this.#check(after, version);
    for (const finding of checkOldCode(after, 'has-been')) this.#find(finding);
    const upgraded = await this.#shape();
    for (const finding of this.#staleLibraries(upgraded, version)) this.#find(finding);
    this.#upgradedShape = upgraded;
    await this.#probe(phase, 'always');
  }

  /** As an operator does: the operating system process ends, and the start script boots what is permanent. */
  /** Names and shapes, of all applications but those that the platform brings. */
  async #shape(): Promise<NodeShape> {
    const names = new Set([...(this.#baseOnDisk?.started ?? []), ...(this.#nextOnDisk?.started ?? [])]);
    const asked = [...names].filter((name) => !platform.has(name)).sort();
    return (await this.#ask('shape', [asked.map((name) => atom(name))])) as NodeShape;
  }

  async #restart(version: string, phase: Phase): Promise<void> {
    await this.#ask('unwatch', []);
    const stopped = await this.#node?.stop(20_000);
    if (stopped === false) {
      this.#find({
        severity: 'error',
        code: 'timeout',
        text: 'the node did not stop within 20 s, and was ended.',
      });
    }
    await this.#boot();
    if (this.#launch?.version !== version) {
      throw new StepFailed({
        severity: 'error',
        code: 'boot-failed',
        text: `the start script boots ${this.#launch?.version ?? 'nothing'}, and ${version} was made permanent.`,
      });
    }
    await this.#probe('booted', phase, 'always');
    const after = await this.#look();
    this.#check(after, version);
    const booted = await this.#shape();
    const [before, upgraded] = [this.#bootedShape, this.#upgradedShape];
    if (before !== undefined && upgraded !== undefined) {
      for (const finding of compareBoots({ before, upgraded, booted, version })) this.#find(finding);
    }
    this.#bootedShape = booted;
  }

  /** Native libraries of the version that was left, when its code is gone. */
  #staleLibraries({ libraries }: NodeShape, version: string): Finding[] {
    const [base, next] = [this.#baseOnDisk, this.#nextOnDisk];
    return base === undefined || next === undefined
      ? []
      : staleLibraries(libraries, {
          root: this.options.root,
          left: version === base.version ? next : base,
          entered: version === base.version ? base : next,
        });
  }

  async #release(request: string, args: readonly RequestValue[]): Promise<Outcome> {
    const { stepTimeout = 60_000 } = this.options;
    const outcome = (await this.#ask(request, args, stepTimeout)) as Outcome;
    if (!outcome.ok) throw await this.#refused(outcome);
    return outcome;
  }

  /** The processes before a step; from now on the node tells of those that end. */
  async #watch(): Promise<Snapshot> {
    await this.#ask('unwatch', []);
    this.#exits.clear();
    const before = await this.#look();
    await this.#ask('watch', []);
    return before;
  }

  /** A step that should leave every process as it is. */
  async #observed<T>(action: () => Promise<T>): Promise<T> {
    const before = await this.#watch();
    const result = await action();
    await this.#ask('sync', []);
    this.#compare(before, await this.#look(), undefined);
    return result;
  }

  #ask(request: string, args: readonly RequestValue[], timeout = 30_000): Promise<unknown> {
    if (this.#node === undefined) return Promise.reject(new NodeLost('ended', 'there is no node'));
    return this.#node.ask(request, args, timeout);
  }

  async #look(): Promise<Snapshot> {
    const snapshot = (await this.#ask('snapshot', [this.#modules])) as Snapshot;
    for (const process of snapshot.processes) this.#descriptions.set(process.pid, describe(process));
    if (this.#step !== undefined) this.#step.node = snapshot.counts;
    this.#before ??= snapshot;
    return snapshot;
  }

  #processOf(pid: string): ProcessDescription {
    return this.#descriptions.get(pid) ?? { pid };
  }

  #compare(before: Snapshot, after: Snapshot, script: InstalledScript | undefined): void {
    const { findings, ...compared } = compareProcesses(before, after, this.#exits, script);
    for (const finding of findings) this.#find(finding);
    for (const finding of checkSuspended(after, before)) this.#find(finding);
    if (this.#step !== undefined) this.#step.node = { ...after.counts, compared };
  }

  #check(snapshot: Snapshot, version: string): void {
    const { root, base } = this.options;
    const [baseOnDisk, nextOnDisk] = [this.#baseOnDisk, this.#nextOnDisk];
    if (baseOnDisk === undefined || nextOnDisk === undefined) return;
    const isBase = version === base;
    const expected: ExpectedVersion = {
      root,
      version: isBase ? baseOnDisk : nextOnDisk,
      hashes: isBase ? this.#baseHashes : this.#nextHashes,
      otherHashes: isBase ? this.#nextHashes : this.#baseHashes,
      differing: differingApplications(baseOnDisk, nextOnDisk),
      endedBefore: this.#endedBefore,
      embedded: this.#embedded,
    };
    for (const finding of checkVersion(snapshot, expected)) this.#find(finding);
  }

  async #probe(...wanted: readonly Phase[]): Promise<void> {
    const { probes, probeTimeout = 5000 } = this.options;
    for (const probe of wanted.flatMap((phase) => probes[phase])) {
      this.#asked = probe;
      const answer = (await this.#ask(
        'probe',
        [this.#forNode(probe), probeTimeout],
        probeTimeout + 10_000,
      )) as {
        readonly ok: boolean;
        readonly value: string;
        readonly microseconds: number;
      };
      this.#asked = undefined;
      this.#step?.probes.push({
        name: probe.name,
        passed: answer.ok,
        text: answer.value,
        milliseconds: milliseconds(answer.microseconds),
      });
      if (answer.ok) continue;
      const expected = probe.expect === undefined ? '' : `expected ${probe.expect}, `;
      this.#find({
        severity: 'error',
        code: 'probe-failed',
        text: `the probe ${quoted(probe)} failed: ${expected}${answer.value}.`,
        term: probe.call,
      });
    }
  }

  #forNode({ call, expect, language }: NamedProbe): RequestValue {
    const { probes, layout } = this.options;
    const spoken = language ?? probes.language ?? (layout === 'mix' ? 'elixir' : 'erlang');
    return { call, language: atom(spoken), ...(expect !== undefined && { expect }) };
  }

  async #startLoad(): Promise<void> {
    const { probes, clients = 4 } = this.options;
    if (probes.during.length === 0) return;
    await this.#ask('start_load', [probes.during.map((probe) => this.#forNode(probe)), clients]);
    // Every client has read its probes and called once: it is at work when the installation begins.
    const end = Date.now() + 5000;
    while (Date.now() < end) {
      const { probes: counts } = (await this.#ask('load', [])) as LoadCounts;
      if (counts.every(({ outside }) => outside >= clients)) return;
      await sleep(10);
    }
  }

  async #stopLoad(): Promise<void> {
    if (this.options.probes.during.length === 0) return;
    const { stuck } = (await this.#ask('stop_load', [])) as LoadCounts & { readonly stuck: number };
    if (stuck > 0) {
      this.#find({
        severity: 'error',
        code: 'client-stuck',
        text: `${stuck} clients still wait for an answer, and would wait for ever.`,
      });
    }
  }

  #heard(name: string, event: Readonly<Record<string, unknown>>): void {
    switch (name) {
      case 'log':
        this.#logged(event);
        break;
      case 'down':
        this.#exits.set(textOf(event, 'pid'), {
          kind: exitKinds.find((kind) => kind === event['kind']) ?? 'crash',
          reason: textOf(event, 'reason'),
        });
        break;
      case 'load':
        this.#lastLoad = event as unknown as LoadCounts;
        break;
      case 'failure': {
        const probe = this.options.probes.during[Number(event['probe'])];
        if (probe === undefined) break;
        const expected = probe.expect === undefined ? '' : `expected ${probe.expect}, `;
        this.#find({
          severity: 'error',
          code: 'call-failed',
          text: `a call of ${quoted(probe)} failed: ${expected}${textOf(event, 'reason')}.`,
        });
        break;
      }
      case 'flood':
        this.#find({
          severity: 'error',
          code: 'error-logged',
          text: 'more than 500 events at error level were logged since the node has booted: what was logged after them was not looked at.',
        });
        break;
      case 'instruction':
        this.#record?.take(name, event);
        if (this.#step !== undefined) {
          this.options.onProgress?.({
            kind: 'instruction',
            step: this.#step.name,
            instruction: textOf(event, 'text'),
          });
        }
        break;
      default:
        this.#record?.take(name, event);
    }
  }

  #logged(event: Readonly<Record<string, unknown>>): void {
    const text = textOf(event, 'text');
    if (this.options.probes.expectedErrors.some((expected) => expected.test(text))) return;
    const usual = withoutPids(text);
    if (this.#step?.name === 'boot') this.#usualErrors.add(usual);
    const instruction = this.#record?.current;
    if (text.includes('eaddrinuse')) {
      this.#find({ severity: 'error', code: 'address-in-use', text: this.#inUse(), term: text });
      return;
    }
    this.#find({
      severity: this.#usualErrors.has(usual) ? 'note' : 'error',
      code: logCodes[textOf(event, 'kind')] ?? 'error-logged',
      text,
      ...(event['pid'] !== '' && { process: this.#processOf(textOf(event, 'pid')) }),
      ...(instruction !== undefined && { instruction }),
    });
  }

  #find(finding: Finding): void {
    // What follows a step that could not be made follows from it.
    if (this.#isOver) return;
    (this.#step?.findings ?? this.#findings).push(this.#withoutRoot(finding));
  }

  /** The scratch folder is another each time, and says nothing. */
  #withoutRoot(finding: Finding): Finding {
    return {
      ...finding,
      text: this.#short(finding.text),
      ...(finding.term !== undefined && { term: this.#short(finding.term) }),
    };
  }

  #short(text: string): string {
    const { root } = this.options;
    return text.replaceAll(`${root}/`, '').replaceAll(root, '.');
  }

  #checkFiles(): void {
    const left = this.#left();
    if (left.length === 0) return;
    this.#find({
      severity: 'note',
      code: 'files-left',
      text: `files of the version that was removed are left: ${listed(left)}.`,
    });
  }

  /** Files that the base did not have. */
  #left(): string[] {
    const { root, base } = this.options;
    return releaseFiles(root).filter(
      (path) => !this.#filesBefore.has(path) && !path.startsWith(`releases/${base}/`),
    );
  }

  /** What an operator finds: what the node does by itself, what the next start brings, what is left on disk. */
  async #lookAfter(): Promise<Aftermath> {
    const { options } = this;
    const node = this.#node;
    const became = await this.#becomes();
    const now =
      became === 'runs' || became === 'restarted'
        ? await this.#whatRuns()
        : { releases: [], applications: [] };
    await node?.kill();
    this.#record = undefined;
    const step: OpenStep = { name: 'restart', title: 'after the failure', findings: [], probes: [] };
    this.#step = step;
    let restart: Aftermath['restart'];
    try {
      await this.#boot();
      await this.#probe('booted', 'always');
      const { releases, applications } = await this.#whatRuns();
      restart = {
        boots: true,
        version: this.#launch?.version ?? '',
        releases,
        applications,
        probes: step.probes,
      };
    } catch (error) {
      options.signal?.throwIfAborted();
      const { finding } = await this.#asFailure(error, step);
      restart = { boots: false, reason: this.#short(finding.text) };
    } finally {
      this.#step = undefined;
    }
    const left = this.#left();
    await this.#node?.kill();
    return { node: became, ...now, restart, left };
  }

  async #becomes(): Promise<Aftermath['node']> {
    const node = this.#node;
    if (node === undefined) return 'ended';
    // Behind that point release_handler restarts the node, and says so before it does.
    const last = this.#steps.at(-1);
    const restarts =
      last?.installation?.instructions.some(({ instruction }) => instruction === 'point_of_no_return') ===
      true;
    const hangs = last?.findings.some(({ code }) => code === 'timeout') === true;
    if (restarts && !hangs) await node.booted(node.boots + 1, 5000).catch(() => undefined);
    const boots = node.boots;
    const answers = await this.#ask('releases', [], 3000).then(
      () => 'runs' as const,
      () => 'hangs' as const,
    );
    if (!node.isRunning) return 'ended';
    return boots > 1 || node.boots > boots ? 'restarted' : answers;
  }

  async #whatRuns(): Promise<Pick<Aftermath, 'releases' | 'applications'>> {
    try {
      const releases = (await this.#ask('releases', [], 5000)) as Aftermath['releases'];
      const { applications } = await this.#look();
      const differing =
        this.#baseOnDisk === undefined || this.#nextOnDisk === undefined
          ? undefined
          : differingApplications(this.#baseOnDisk, this.#nextOnDisk);
      return {
        releases,
        applications: applications
          .filter(({ name }) => differing === undefined || differing.has(name))
          .map(({ name, version }) => ({ name, version })),
      };
    } catch (error) {
      if (error instanceof NodeLost) return { releases: [], applications: [] };
      throw error;
    }
  }
}

/** What OTP and Elixir keep for themselves says nothing of the release. */
const platform: ReadonlySet<string> = new Set([
  ...[
    'kernel',
    'stdlib',
    'sasl',
    'compiler',
    'crypto',
    'ssl',
    'public_key',
    'inets',
    'runtime_tools',
    'tools',
  ],
  ...['elixir', 'logger', 'eex', 'iex', 'mix', 'ex_unit'],
]);

const exitKinds = ['normal', 'shutdown', 'killed', 'crash'] as const;
