import { type BeamFile, openBeam, strippedCodeMd5 } from '../beam';
import type { Application, FileTree, Release } from '../release';
import { extractModuleFacts, hasUsableDebugInfo } from './extract-module-facts';
import type { KeptFacts } from './model';
import { distributionApplications } from './otp-applications';
import { remainingFacts } from './remaining-facts';

/** The facts of one module, and the code that they are true of. */
export interface ModuleEntry {
  /** `strippedCodeMd5`, in hex. */
  readonly md5: string;
  readonly facts: KeptFacts;
}

export interface ApplicationFacts {
  readonly version: string;
  readonly modules: Readonly<Record<string, ModuleEntry>>;
}

/** What is kept beside a release: the facts of the modules of its own applications, by name. */
export interface ReleaseFacts {
  readonly applications: Readonly<Record<string, ApplicationFacts>>;
}

export interface CollectOptions {
  /** Only these; all but those of OTP and Elixir where absent. */
  readonly applications?: readonly string[];
  /**
   * Where the beams of an application lay before its release was stripped: a tree whose root holds the `.beam` files.
   * One is believed for a module of the release only if its code has the same MD5.
   */
  readonly unstripped?: ReadonlyMap<string, FileTree>;
}

/**
 * Reads the facts of the modules in a release that have debug info, there or unstripped. The others are left out, and
 * so is an application of which none is left: nothing is known of them that their beams do not tell for ever.
 *
 * @throws OtpError naming the file, when a beam is damaged.
 */
export async function collectReleaseFacts(
  release: Release,
  options: CollectOptions = {},
): Promise<ReleaseFacts> {
  const isWanted = (name: string): boolean =>
    options.applications?.includes(name) ?? !distributionApplications.has(name);
  const applications: [string, ApplicationFacts][] = [];
  for (const application of release.applications.filter(({ name }) => isWanted(name))) {
    const modules = await moduleEntries(application, options.unstripped?.get(application.name));
    if (modules.length === 0) continue;
    applications.push([
      application.name,
      { version: application.version, modules: Object.fromEntries(modules.sort(byName)) },
    ]);
  }
  return { applications: Object.fromEntries(applications.sort(byName)) };
}

async function moduleEntries(
  { tree }: Application,
  unstripped: FileTree | undefined,
): Promise<[string, ModuleEntry][]> {
  const entries: [string, ModuleEntry][] = [];
  const stripped = new Map<string, string>();
  const beams = tree.files.map(({ path }) => path).filter((path) => /^ebin\/[^/]+\.beam$/.test(path));
  await tree.readMany(beams, (path, content) => {
    const beam = openBeam(content, `${tree.origin}/${path}`);
    if (hasUsableDebugInfo(beam)) {
      entries.push([beam.name, { md5: strippedCodeMd5(beam.chunks), facts: extractModuleFacts(beam) }]);
    } else stripped.set(path.slice('ebin/'.length), strippedCodeMd5(beam.chunks));
  });
  if (unstripped !== undefined && stripped.size > 0) {
    const originals = unstripped.files.map(({ path }) => path).filter((path) => stripped.has(path));
    await unstripped.readMany(originals, (path, content) => {
      const beam = openBeam(content, `${unstripped.origin}/${path}`);
      if (strippedCodeMd5(beam.chunks) === stripped.get(path) && hasUsableDebugInfo(beam)) {
        entries.push([beam.name, { md5: strippedCodeMd5(beam.chunks), facts: extractModuleFacts(beam) }]);
      }
    });
  }
  return entries;
}

/**
 * The facts of a module in a release: from its debug info, else from the kept entry of exactly this code, else what its
 * beam still tells.
 *
 * @param kept what was kept beside the release, if anything
 * @throws OtpError naming the file, when the beam is damaged.
 */
export function factsOf(beam: BeamFile, application: string, kept: ReleaseFacts | undefined): KeptFacts {
  if (hasUsableDebugInfo(beam)) return extractModuleFacts(beam);
  const modules = lookUp(kept?.applications, application)?.modules;
  const entry = lookUp(modules, beam.name);
  if (entry?.md5 === strippedCodeMd5(beam.chunks)) return entry.facts;
  return remainingFacts(beam, 'no debug info and no facts for this code');
}

/** Names such as `constructor` are names of modules too. */
function lookUp<Entry>(
  entries: Readonly<Record<string, Entry>> | undefined,
  name: string,
): Entry | undefined {
  return entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
