import { posix } from 'node:path';
import { readTerms, listElements, stringValue, tupleOf, atomName } from '../erlang';
import { parseReltoolConfig } from '../build/reltool-config';
import type { ReleaseTool } from '../build/release-tool';
import { OtpError } from '../error';

/** What the files of a project say about its release, as far as text can tell without the tool that evaluates them. */
export interface DescribedRelease {
  readonly tool: ReleaseTool;
  readonly name?: string;
  readonly version?: string;
}

/** Of the target that makes the release: what decides which one is meant. */
export interface DescribedReleaseOptions {
  readonly tool?: ReleaseTool;
  /** The reltool configuration, relative to the project. */
  readonly config?: string;
  readonly releaseName?: string;
}

/**
 * What a project says about its release.
 * @param read the text of a file by its path relative to the project; undefined where there is none
 * @returns undefined where nothing describes one
 */
export async function describedRelease(
  read: (file: string) => Promise<string | undefined>,
  options: DescribedReleaseOptions = {},
): Promise<DescribedRelease | undefined> {
  const { tool, releaseName } = options;
  if (tool === undefined || tool === 'reltool') {
    const config = posix.normalize(options.config ?? 'rel/reltool.config');
    const text = await read(config);
    if (text !== undefined) return { tool: 'reltool', ...reltoolRelease(text, config) };
  }
  if (tool === undefined || tool === 'mix') {
    const text = await read('mix.exs');
    if (text !== undefined) return { tool: 'mix', ...mixRelease(text, releaseName) };
  }
  if (tool === undefined || tool === 'rebar3') {
    const text = await read('rebar.config');
    if (text !== undefined) return { tool: 'rebar3', ...relxRelease(text, releaseName) };
  }
  return undefined;
}

type NameAndVersion = Omit<DescribedRelease, 'tool'>;

function reltoolRelease(text: string, file: string): NameAndVersion {
  return unlessUnreadable(() => {
    const { name, version } = parseReltoolConfig(readTerms(Buffer.from(text), file), '');
    return { name, version };
  });
}

/** mix.exs is a program. What is written out is read, and only where there is one version. */
function mixRelease(text: string, releaseName: string | undefined): NameAndVersion {
  const code = text.replace(/^\s*#.*$/gm, '');
  const versions = new Set<string>();
  for (const [, literal, attribute = ''] of code.matchAll(/\bversion:\s*(?:"([^"#]+)"|@(\w+))/g)) {
    const version = literal ?? new RegExp(`@${attribute}\\s+"([^"#]+)"`).exec(code)?.[1];
    if (version === undefined) return named(releaseName);
    versions.add(version);
  }
  const name =
    releaseName ?? /\breleases:\s*\[\s*(\w+):/.exec(code)?.[1] ?? /\bapp:\s*:(\w+)/.exec(code)?.[1];
  const [version] = versions;
  return { ...named(name), ...(versions.size === 1 && version !== undefined && { version }) };
}

function relxRelease(text: string, releaseName: string | undefined): NameAndVersion {
  return unlessUnreadable(() => {
    const { terms } = readTerms(Buffer.from(text), 'rebar.config');
    const relx = terms.flatMap((term) => {
      const options = tupleOf(term, 'relx', 2)?.elements[1];
      return (options && listElements(options)) ?? [];
    });
    for (const option of relx) {
      const [, identity] = tupleOf(option, 'release')?.elements ?? [];
      const [name, version] = (identity && tupleOf(identity, undefined, 2)?.elements) ?? [];
      const itsName = name && atomName(name);
      if (itsName === undefined || (releaseName !== undefined && releaseName !== itsName)) continue;
      const itsVersion = version && stringValue(version);
      return { name: itsName, ...(itsVersion !== undefined && { version: itsVersion }) };
    }
    return named(releaseName);
  });
}

function named(name: string | undefined): NameAndVersion {
  return name === undefined ? {} : { name };
}

/** A file that its own tool would refuse says nothing here; that is told when it is built. */
function unlessUnreadable(read: () => NameAndVersion): NameAndVersion {
  try {
    return read();
  } catch (error) {
    if (error instanceof OtpError) return {};
    throw error;
  }
}
