import { readReleaseFacts } from '../facts';
import { readConfigProviders, readPlaceholders, type Application, type Release } from '../release';
import { readFiles, subTree, type FileOfTree } from '../release/sub-tree';
import {
  applicationBeam,
  applicationDiff,
  applicationPair,
  modulesOf,
  recordDifference,
  recordListing,
  type ApplicationPair,
} from './diff-application';
import { beamOf, diffModule, factsOfModule, type Beam } from './diff-module';
import { differingFiles, type FileDifference, type TreePair } from './differing-files';
import type { FileDiff, ModuleDiff, ReleaseDiff, StrippedModules } from './model';

/**
 * Everything that differs between two releases, by application and module. Files that are equal cost one comparison
 * of bytes; only modules that differ are parsed.
 *
 * @throws OtpError naming the file, when a beam is damaged or of another module than its name says
 *   (`beam-corrupt`), or a `.app` lists a module that has no beam (`module-missing`); `facts-file`, `sys-config`.
 */
export async function diffReleases(previous: Release, next: Release): Promise<ReleaseDiff> {
  const kept = { previous: await readReleaseFacts(previous), next: await readReleaseFacts(next) };
  const before = new Map(previous.applications.map((application) => [application.name, application]));
  const names = new Set(next.applications.map((application) => application.name));
  const added = next.applications.filter((application) => !before.has(application.name));
  const removed = previous.applications.filter((application) => !names.has(application.name));
  const pairs = next.applications.flatMap((application) => {
    const old = before.get(application.name);
    return old === undefined ? [] : [applicationPair(old, application, kept)];
  });
  const bin: TreePair = { previous: subTree(previous.tree, 'bin'), next: subTree(next.tree, 'bin') };
  const version: TreePair = {
    previous: subTree(previous.tree, previous.versionPath),
    next: subTree(next.tree, next.versionPath),
  };
  const startScripts: FileDiff[] = [];
  const configuration: FileDiff[] = [];
  const protocols: ModuleDiff[] = [];
  const ofApplication = new Map<TreePair, ApplicationPair>(pairs.map((pair) => [pair, pair]));
  for await (const { pair, difference } of differingFiles([bin, version, ...pairs], isBeam)) {
    const application = ofApplication.get(pair);
    const { kind, path } = difference;
    if (application !== undefined) recordDifference(application, difference);
    else if (pair === bin) startScripts.push({ kind, path: `bin/${path}` });
    else if (protocolBeam.test(path)) protocols.push(...diffProtocol(version, difference));
    else if (isConfiguration(path)) configuration.push({ kind, path });
  }
  for (const pair of pairs) await recordListing(pair);
  return {
    previous,
    next,
    added,
    removed,
    kept: pairs.map(applicationDiff),
    stripped: await strippedModules([...added, ...removed]),
    startScripts,
    ...(previous.ertsVersion !== next.ertsVersion && {
      erts: { previous: previous.ertsVersion, next: next.ertsVersion },
    }),
    configuration,
    protocols,
    configProviders: {
      previous: await readConfigProviders(previous),
      next: await readConfigProviders(next),
    },
    placeholders: await readPlaceholders(next),
  };
}

const protocolBeam = /^consolidated\/([^/]+)\.beam$/;

function isBeam(path: string): boolean {
  return applicationBeam.test(path) || protocolBeam.test(path);
}

function diffProtocol(pair: TreePair, difference: FileDifference): ModuleDiff[] {
  const { path } = difference;
  const side = (which: 'previous' | 'next'): Beam | undefined => {
    const bytes = difference[which];
    return bytes && beamOf({ tree: pair[which], kept: undefined }, path, bytes);
  };
  const diff = diffModule(protocolBeam.exec(path)?.[1] ?? path, side('previous'), side('next'));
  return diff === undefined ? [] : [diff];
}

/** What release_handler and the boot script read differs with every version, and says nothing of the configuration. */
function isConfiguration(path: string): boolean {
  return !/\.(rel|boot|script)$/.test(path) && !['relup', 'facts.json', 'upgrade.json'].includes(path);
}

/** Applications that come or go are loaded whole, on the way up or on the way down. */
async function strippedModules(applications: readonly Application[]): Promise<StrippedModules[]> {
  const modules = new Map<FileOfTree, { readonly application: Application; readonly name: string }>();
  for (const application of applications) {
    for (const name of modulesOf(application)) {
      modules.set({ tree: application.tree, path: `ebin/${name}.beam` }, { application, name });
    }
  }
  const stripped = new Map<Application, string[]>();
  await readFiles(modules.keys(), (file, bytes) => {
    const module = modules.get(file);
    if (module === undefined) return;
    const { application, name } = module;
    const { hasAttributes } = factsOfModule(
      name,
      beamOf({ tree: file.tree, kept: undefined }, file.path, bytes),
    );
    if (!hasAttributes) stripped.set(application, [...(stripped.get(application) ?? []), name]);
  });
  return Array.from(stripped, ([{ name, version }, modules]) => ({
    application: name,
    version,
    modules: modules.sort(),
  }));
}
