import { describe, expect, it } from 'vitest';
import { printTerm, readFirstTerm } from '../erlang';
import { appupToTerm, findSection, parseAppup, type Appup } from './appup-file';

function parse(text: string): Appup {
  return parseAppup(readFirstTerm(text, 'ebin/a.appup'), 'ebin/a.appup');
}

describe('an appup', () => {
  it('has a version, and sections up from and down to other versions', () => {
    const appup = parse(`%% comment
{"2",
 [{"1", [{load_module, m}]}, {<<"0\\\\..*">>, []}],
 [{"1", [point_of_no_return]}]}.
second_term.`);
    expect(appup.version).toBe('2');
    expect(appup.up.map(({ version }) => version)).toEqual([
      { kind: 'exact', version: '1' },
      { kind: 'pattern', source: '0\\..*' },
    ]);
    expect(appup.up[0]?.instructions.map(({ term, position }) => [printTerm(term), position])).toEqual([
      ['{load_module, m}', { line: 3, column: 10 }],
    ]);
    expect(printTerm(appupToTerm(appup)).replace(/\s+/g, '')).toBe(
      '{"2",[{"1",[{load_module,m}]},{<<"0\\\\..*">>,[]}],[{"1",[point_of_no_return]}]}',
    );
  });

  it('may be given as a term, without positions', () => {
    const appup = parseAppup(readFirstTerm('{"2",[{"1",[x]}],[]}.', 'f').term, 'a.appup');
    expect(appup.up[0]?.instructions[0]?.position).toBeUndefined();
  });

  it.each([
    ['{"2",[{"1",[]}]}.', 'ebin/a.appup:1:1: expected a tuple of three elements, found {"2", [{"1", []}]}.'],
    ['{2,[],[]}.', 'ebin/a.appup:1:2: the version of the application must be a string, found 2.'],
    ['{"2",up,[]}.', 'ebin/a.appup:1:6: the up from sections must be a list, found up.'],
    [
      '{"2",[],[\n{"1"}]}.',
      'ebin/a.appup:2:1: a section for down to must be {Version, Script}, found {"1"}.',
    ],
    ['{"2",[{one,[]}],[]}.', 'ebin/a.appup:1:7: the version of a section for up from must be a string,'],
    ['{"2",[{<<255>>,[]}],[]}.', 'ebin/a.appup:1:7: the version of a section for up from must be a string,'],
    ['{"2",[{"1",foo}],[]}.', 'ebin/a.appup:1:7: the script up from "1" must be a list, found foo.'],
    ['{"2",[{"1",[a|b]}],[]}.', 'ebin/a.appup:1:7: the script up from "1" must be a list'],
    ['foo.', 'expected a tuple of three elements, found foo.'],
  ])('%s is refused with its place', (text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'OtpError', code: 'file_problem' }));
  });
});

describe('the section for a version', () => {
  const { up } = parse(
    '{"2",[{<<"1\\\\..">>,[first]},{"1.2",[second]},{"1.2",[third]},{<<".*">>,[last]}],[]}.',
  );

  it.each([
    ['1.2', 'first'],
    ['1.23', 'last'],
    ['', 'last'],
  ])('%s is the first that stands for it', (version, expected) => {
    expect(findSection(up, version)?.instructions.map(({ term }) => printTerm(term))).toEqual([expected]);
  });

  it('is undefined when none does', () => {
    expect(findSection(up.slice(0, 1), '3')).toBeUndefined();
  });

  it('is found without looking at the patterns behind it', () => {
    const { up } = parse('{"2",[{"1",[found]},{<<"(?i)x">>,[]}],[]}.');
    expect(findSection(up, '1')).toBe(up[0]);
    expect(() => findSection(up, '2')).toThrow(
      'the version pattern cannot be read: the group (?i is not read',
    );
  });
});
