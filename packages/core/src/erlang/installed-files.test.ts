import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { askTermOracle, bytesOf, elementsOf } from '../../test/erlang/term-oracle';
import { decodeExternalTerm } from './external-term-format';
import { printTermFile } from './print-terms';
import { readTerms } from './read-terms';
import { isAtom, termsEqual, type Term } from './term';

describe('the term files of the installed Erlang and Elixir', () => {
  it('are read as file:consult reads them, and so is what is printed of them', async () => {
    const kinds = new Map<string, number>();
    const wrong: string[] = [];
    for (const answer of elementsOf(await askTermOracle('installed'))) {
      const [path, content] = elementsOf(answer);
      const file = bytesOf(path).toString('utf8');
      const bytes = readFileSync(file);
      if (content === undefined || isAtom(content, 'error')) {
        expect(() => readTerms(bytes, file)).toThrow(file);
        continue;
      }
      const expected = elementsOf(elementsOf(content)[1]).map((term) =>
        decodeExternalTerm(bytesOf(term), file),
      );
      const { terms } = readTerms(bytes, file);
      const printed = readTerms(Buffer.from(printTermFile(terms)), file).terms;
      if (!allEqual(terms, expected) || !allEqual(printed, expected)) wrong.push(file);
      const kind = file.slice(file.lastIndexOf('.'));
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    expect(wrong).toEqual([]);
    for (const kind of ['.app', '.appup', '.rel', '.script']) {
      expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(0);
    }
  });
});

function allEqual(left: readonly Term[], right: readonly Term[]): boolean {
  return left.length === right.length && left.every((term, at) => termsEqual(term, right[at] ?? term));
}
