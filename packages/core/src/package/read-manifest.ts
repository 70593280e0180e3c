import { OtpError } from '../error';
import type { Architecture } from './emulator';
import {
  manifestFormatVersion,
  type ApplicationContent,
  type ManifestBase,
  type PackageManifest,
  type PairSummary,
} from './manifest';

/**
 * The manifest in a text, as `generateUpgrade` writes it, and the hash of the tar where the text has one. Keys that it
 * does not know are left out.
 * @param file for messages
 * @throws OtpError `package-manifest` when it is something else, or of another format
 */
export function parseManifest(
  text: string,
  file: string,
): { readonly manifest: PackageManifest; readonly tarSha256: string | undefined } {
  const wrong = (problem: string): OtpError =>
    new OtpError(problem, {
      code: 'package-manifest',
      file,
      fix: 'Make the package again with generate-upgrade, and copy it with the manifest beside it.',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('expected the manifest of an upgrade package; found text that is not JSON.');
  }
  try {
    const fields = new Fields(value, 'the manifest');
    const formatVersion = fields.number('formatVersion');
    if (formatVersion !== manifestFormatVersion) {
      throw new ShapeError(
        `a manifest of format ${manifestFormatVersion}; found one of format ${formatVersion}`,
      );
    }
    return {
      manifest: manifestOf(fields),
      tarSha256: fields.has('tarSha256') ? fields.text('tarSha256') : undefined,
    };
  } catch (error) {
    if (error instanceof ShapeError) throw wrong(`expected ${error.message}.`);
    throw error;
  }
}

function manifestOf(fields: Fields): PackageManifest {
  return {
    formatVersion: manifestFormatVersion,
    name: fields.text('name'),
    version: fields.text('version'),
    erts: fields.text('erts'),
    ...(fields.has('otp') && { otp: fields.text('otp') }),
    ...(fields.has('architecture') && { architecture: architecture(fields.record('architecture')) }),
    bases: fields.records('bases').map(base),
    included: fields.records('included').map(application),
    assumed: fields.records('assumed').map(application),
    pairs: fields.records('pairs').map(pair),
  };
}

function architecture(fields: Fields): Architecture {
  const bits = fields.number('bits');
  return {
    format: fields.oneOf('format', ['elf', 'mach-o']),
    machine: fields.text('machine'),
    bits: bits === 32 ? 32 : 64,
  };
}

function base(fields: Fields): ManifestBase {
  return {
    version: fields.text('version'),
    erts: fields.text('erts'),
    releaseContentHash: fields.text('releaseContentHash'),
    differing: fields.records('differing').map(application),
  };
}

function application(fields: Fields): ApplicationContent {
  return {
    name: fields.text('name'),
    version: fields.text('version'),
    contentHash: fields.text('contentHash'),
  };
}

function pair(fields: Fields): PairSummary {
  return {
    base: fields.text('base'),
    direction: fields.oneOf('direction', ['up', 'down']),
    loaded: fields.number('loaded'),
    updated: fields.number('updated'),
    added: fields.number('added'),
    removed: fields.number('removed'),
    suspended: fields.number('suspended'),
    restartsEmulator: fields.boolean('restartsEmulator'),
  };
}

/** What was expected, and what was found. */
class ShapeError extends Error {}

/** A JSON object whose values are asked for by key and type. */
class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(
    value: unknown,
    private readonly place: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ShapeError(`${place} to be an object; found ${shown(value)}`);
    }
    this.#values = new Map(Object.entries(value));
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  text(key: string): string {
    const value = this.#values.get(key);
    if (typeof value !== 'string') throw this.wrong(key, 'a string');
    return value;
  }

  number(key: string): number {
    const value = this.#values.get(key);
    if (typeof value !== 'number') throw this.wrong(key, 'a number');
    return value;
  }

  boolean(key: string): boolean {
    const value = this.#values.get(key);
    if (typeof value !== 'boolean') throw this.wrong(key, 'true or false');
    return value;
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T {
    const found = values.find((value) => value === this.#values.get(key));
    if (found === undefined) throw this.wrong(key, values.join(' or '));
    return found;
  }

  record(key: string): Fields {
    return new Fields(this.#values.get(key), `${key} in ${this.place}`);
  }

  records(key: string): Fields[] {
    const value = this.#values.get(key);
    if (!Array.isArray(value)) throw this.wrong(key, 'a list');
    return value.map((element: unknown, index) => new Fields(element, `${key}[${index}] in ${this.place}`));
  }

  private wrong(key: string, expected: string): ShapeError {
    return new ShapeError(`${key} in ${this.place} to be ${expected}; found ${shown(this.#values.get(key))}`);
  }
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
