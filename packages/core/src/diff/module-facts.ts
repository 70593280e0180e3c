import { openBeam, type BeamFile } from '../beam';
import type { KeptFacts } from '../facts';
import type { ModuleFacts } from './model';

/**
 * Reads the facts of one module from its beam.
 * @param details what to tell of it when somebody asks for more
 * @throws OtpError naming the file, when it is not a BEAM file or is damaged; so may the details.
 */
export function readModuleFacts(
  bytes: Uint8Array,
  origin: string,
  details: (beam: BeamFile) => KeptFacts,
): ModuleFacts {
  let told: KeptFacts | undefined;
  const beam = openBeam(bytes, origin);
  const calls = new Map<string, Set<string>>();
  for (const { module, name, arity } of beam.imports) {
    const functions = calls.get(module) ?? new Set();
    calls.set(module, functions.add(`${name}/${arity}`));
  }
  return {
    name: beam.name,
    md5: beam.md5,
    exports: new Set(beam.exports.map(({ name, arity }) => `${name}/${arity}`)),
    calls,
    behaviours: beam.behaviours,
    hasAttributes: beam.hasAttributes,
    // The code is searched for it, and few modules are asked.
    get hasOnLoad() {
      return beam.onLoad;
    },
    // Opened once more, for this only: debug info takes a hundred times what is told of it, and a beam keeps what it read.
    details: () => (told ??= details(openBeam(bytes, origin))),
  };
}
