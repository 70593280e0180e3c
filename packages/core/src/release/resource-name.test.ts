import { describe, expect, it } from 'vitest';
import { readTerms } from '../erlang';
import { parseAppFile } from './app-file';
import { parseRelFile } from './rel-file';

const rel = (version: string, application: string): string =>
  `{release, {"dummy", "${version}"}, {erts, "13.1"},\n [{${application}}]}.\n`;
const app = (name: string, version: string): string =>
  `{application, ${name}, [{description, ""}, {vsn, "${version}"}, {modules, []}, {registered, []}, {applications, []}]}.\n`;

describe('a name that leads elsewhere is refused', () => {
  it.each([
    [rel('../x', 'a, "1"'), 'the version of the release "../x" has a slash or backslash.'],
    [rel('0.1', '\'../a\', "1"'), 'the name of an application "../a" has a slash or backslash.'],
    [rel('0.1', 'a, ".."'), 'the version of an application ".." is "..", which no file can be called.'],
    [rel('', 'a, "1"'), 'the version of the release "" is empty.'],
  ])('in %j', (text, problem) => {
    const parse = (): unknown => parseRelFile(readTerms(Buffer.from(text), 'dummy.rel'));
    expect(parse).toThrow(expect.objectContaining({ code: 'rel-file', problem }));
  });

  it.each([
    [app("'a/b'", '1'), 'the name of the application "a/b" has a slash or backslash.'],
    [app('a', '1\\n'), 'the version of application a "1\\n" has a control character.'],
  ])('in %j', (text, problem) => {
    const parse = (): unknown => parseAppFile(readTerms(Buffer.from(text), 'a.app'));
    expect(parse).toThrow(expect.objectContaining({ code: 'app-file', problem }));
  });

  it('but not in a .rel of another version than the folder it lies in, such as start_clean.rel', () => {
    const file = readTerms(Buffer.from(rel('', 'a, "1"')), 'start_clean.rel');
    expect(parseRelFile(file, '0.1').version).toBe('');
  });
});
