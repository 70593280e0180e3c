import { describe, expect, it } from 'vitest';
import { editTermFile } from './edit-terms';
import { readFirstTerm, readTerms } from './read-terms';
import { atom, list, listElements, nil, string, subterms, tuple } from './term';
import type { Term } from './term';

const appup = `%% coding: utf-8
{"2",   % the new version
 [{"1", % from production
   [{load_module, a}, % é: reviewed
    {load_module, b}]}],
 [{"1", []}]}.
%% the end
`;

function find(root: Term | undefined, wanted: (term: Term) => boolean): Term {
  for (const term of root === undefined ? [] : subterms(root)) if (wanted(term)) return term;
  throw new Error('there is no such term');
}

describe('an edited term file', () => {
  it('keeps every byte that is not replaced', () => {
    const file = readTerms(appup, 'a.appup');
    const instructions = find(file.terms[0], (term) => listElements(term)?.length === 2);
    const version = find(file.terms[0], (term) => term.kind === 'string');
    const added = tuple(
      atom('update'),
      atom('a_server_with_a_long_name'),
      tuple(atom('advanced'), list([atom('state'), atom('extra')])),
    );
    const edited = editTermFile(file, [
      { replace: instructions, by: list([...(listElements(instructions) ?? []), added]) },
      { replace: version, by: string('3') },
    ]);
    expect(edited.toString()).toBe(`%% coding: utf-8
{"3",   % the new version
 [{"1", % from production
   [{load_module, a},
    {load_module, b},
    {update, a_server_with_a_long_name, {advanced, [state, extra]}}]}],
 [{"1", []}]}.
%% the end
`);
    expect(editTermFile(file, []).toString()).toBe(appup);
  });

  it('stays in its encoding', () => {
    const bytes = Buffer.from('%% coding: latin-1\n{"\xe9", b}. % \xe9\n', 'latin1');
    const file = readTerms(bytes, 'a.appup');
    const edited = editTermFile(file, [
      { replace: find(file.terms[0], (term) => term.kind === 'atom'), by: string('é漢') },
    ]);
    expect(edited).toEqual(Buffer.from('%% coding: latin-1\n{"\xe9", "\xe9\\x{6F22}"}. % \xe9\n', 'latin1'));
    expect(readTerms(edited, 'a.appup').terms).toEqual([tuple(string('é'), string('é漢'))]);
  });

  it('is not made of terms that are not from the file, overlap, or of a file that was read in part', () => {
    const file = readTerms('{a, [b]}.', 'a.appup');
    const [whole] = file.terms;
    const part = find(whole, (term) => term.kind === 'list');
    expect(() => editTermFile(file, [{ replace: atom('a'), by: nil }])).toThrow('was not read from a.appup');
    expect(() =>
      editTermFile(file, [
        { replace: whole ?? nil, by: nil },
        { replace: part, by: nil },
      ]),
    ).toThrow('overlap');
    const first = readFirstTerm(Buffer.from('a. "\xff', 'latin1'), 'a.appup');
    expect(() => editTermFile(first, [{ replace: first.term, by: nil }])).toThrow(
      'a.appup was not read whole',
    );
  });
});
