import { compareBeams, type BeamFile } from '../beam';
import { OtpError } from '../error';
import { factsOf, type KeptFacts, type ReleaseFacts } from '../facts';
import type { FileTree } from '../release';
import type { ModuleDiff, ModuleFacts } from './model';
import { readModuleFacts } from './module-facts';

/** Where a beam comes from, which is all that tells more about it than it does itself. */
export interface BeamSource {
  /** `NAME.beam` lies somewhere in it. */
  readonly tree: FileTree;
  /** The application that it belongs to; absent for a consolidated protocol. */
  readonly application?: string;
  /** What was kept beside the release. */
  readonly kept: ReleaseFacts | undefined;
}

/** One side of a comparison. */
export interface Beam {
  readonly bytes: Buffer;
  /** For messages. */
  readonly origin: string;
  readonly details: (beam: BeamFile) => KeptFacts;
}

/** @param path in the tree of its source */
export function beamOf({ tree, application = '', kept }: BeamSource, path: string, bytes: Buffer): Beam {
  return {
    bytes,
    origin: `${tree.origin}/${path}`,
    details: (beam) => factsOf(beam, application, kept),
  };
}

/**
 * How a module differs; undefined where it does not.
 * @throws OtpError `beam-corrupt`
 */
export function diffModule(
  name: string,
  previous: Beam | undefined,
  next: Beam | undefined,
): ModuleDiff | undefined {
  if (previous === undefined) return next && { kind: 'added', name, next: factsOfModule(name, next) };
  if (next === undefined) return { kind: 'removed', name, previous: factsOfModule(name, previous) };
  const change = compareBeams(previous.bytes, next.bytes, { previous: previous.origin, next: next.origin });
  switch (change.kind) {
    case 'identical':
      return undefined;
    case 'equivalent':
      return { kind: 'equivalent', name, differences: [...change.differs, ...change.otherChunks] };
    case 'attributes':
    case 'code':
      return {
        kind: 'changed',
        name,
        change: change.kind,
        previous: factsOfModule(name, previous),
        next: factsOfModule(name, next),
      };
  }
}

/** @throws OtpError `beam-corrupt`, also for a beam that holds another module than its name says */
export function factsOfModule(name: string, beam: Beam): ModuleFacts {
  const facts = readModuleFacts(beam.bytes, beam.origin, beam.details);
  if (facts.name === name) return facts;
  throw new OtpError(`it holds the module ${facts.name}, so the node could not load ${name} from it.`, {
    code: 'beam-corrupt',
    file: beam.origin,
    fix: 'Compile the module again.',
  });
}
