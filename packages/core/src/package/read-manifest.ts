import { OtpError } from '../error';
import { Fields, ShapeError } from '../json-fields';
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
