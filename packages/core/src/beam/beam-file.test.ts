import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { askBeamOracle, binaryText, tupleElements } from '../../test/beam/beam-oracle';
import { atom, decodeExternalTerm, list, type Term, termsEqual, tuple } from '../erlang';
import { openBeam } from './beam-file';
import type { FunctionName } from './function-tables';

describe('every beam of OTP and Elixir on this machine', () => {
  let answers: readonly (readonly Term[])[];
  const differing: string[] = [];
  const seen = { onLoad: 0, nif: 0, behaviours: 0, docs: 0, literals: 0, forms: 0 };

  beforeAll(async () => {
    answers = (await askBeamOracle('tables', '100')).map(tupleElements);
    for (const answer of answers) {
      const path = binaryText(answer[0]);
      const beam = openBeam(await readFile(path), path);
      const ours: [string, boolean][] = [
        ['name', answer[1] !== undefined && termsEqual(answer[1], atom(beam.name))],
        ['md5', binaryText(answer[2]).toLowerCase() === beam.md5],
        ['exports', sortedLines(answer[3]) === sortedNames(beam.exports)],
        ['imports', sortedLines(answer[4]) === sortedNames(beam.imports)],
        ['locals', sortedLines(answer[5]) === sortedNames(beam.locals ?? [])],
        ['attributes', sameTerm(answer[6], attributeList(beam.attributes))],
        ['compile info', sameTerm(answer[7], beam.compileInfo?.properties)],
        ['on_load', sameTerm(answer[8], atom(String(beam.onLoad)))],
      ];
      const forms = answer[9];
      if (forms?.kind === 'binary' && forms.bytes.length > 0) {
        const info = beam.debugInfo();
        seen.forms++;
        ours.push([
          'forms',
          info.kind === 'erlang-forms' && termsEqual(info.forms, decodeExternalTerm(forms.bytes, path)),
        ]);
      }
      for (const [what, same] of ours) if (!same) differing.push(`${path}: ${what}`);
      if (beam.onLoad) seen.onLoad++;
      if (beam.loadsNif) seen.nif++;
      if (beam.behaviours.length > 0) seen.behaviours++;
      if (beam.hasDocs) seen.docs++;
      seen.literals += beam.literals().length;
    }
  });

  it('is read as beam_lib reads it: name, MD5, exports, imports, locals, attributes, compile info, on_load, and a hundred by their forms', () => {
    expect(differing).toEqual([]);
    expect(answers.length).toBeGreaterThan(1000);
    expect(seen.forms).toBeGreaterThanOrEqual(100);
  });

  it('includes modules of every sort that a release has', () => {
    expect(seen.onLoad).toBeGreaterThan(3);
    expect(seen.nif).toBeGreaterThan(3);
    expect(seen.behaviours).toBeGreaterThan(100);
    expect(seen.docs).toBeGreaterThan(100);
    expect(seen.literals).toBeGreaterThan(10_000);
  });
});

function attributeList(attributes: ReadonlyMap<string, readonly Term[]>): Term {
  return list([...attributes].map(([key, values]) => tuple(atom(key), list(values))));
}

function sortedNames(functions: readonly (FunctionName & { readonly module?: string })[]): string {
  return functions
    .map(({ module, name, arity }) => `${module === undefined ? '' : `${module}:`}${name}/${arity}`)
    .sort()
    .join('\n');
}

function sortedLines(term: Term | undefined): string {
  return binaryText(term).split('\n').sort().join('\n');
}

function sameTerm(left: Term | undefined, right: Term | undefined): boolean {
  return left !== undefined && right !== undefined && termsEqual(left, right);
}
