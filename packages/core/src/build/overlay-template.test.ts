import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readTerms } from '../erlang';
import { overlayValue, renderTemplate, type OverlayValue } from './overlay-template';

const variables = new Map<string, OverlayValue>([
  ['rel_vsn', '0.2'],
  ['on', true],
  ['off', 'false'],
  ['nodes', [new Map([['node', 'a']]), new Map([['node', 'b']])]],
]);

const render = (template: string): string => renderTemplate(template, variables, { file: 'rel/files/x' });

describe('a template', () => {
  it.each([
    ['releases/{{rel_vsn}}/x', 'releases/0.2/x'],
    ['{{ rel_vsn }} {{{rel_vsn}}}', '0.2 0.2'],
    ['a{{! a comment }}b', 'ab'],
    ['{{#on}}yes {{rel_vsn}}{{/on}}{{#off}}no{{/off}}', 'yes 0.2'],
    ['{{#nodes}}{{node}}-{{rel_vsn}};{{/nodes}}', 'a-0.2;b-0.2;'],
    ['{{#on}}{{#on}}x{{/on}}y{{/on}}z', 'xyz'],
    ['[{app, [{{a, b}, c}]}].', '[{app, [{{a, b}, c}]}].'],
    ['"back\\slash" and \'quotes\' < & >', '"back\\slash" and \'quotes\' < & >'],
    ['{{hostname}}', hostname()],
    ['', ''],
  ])('%j becomes %j', (template, text) => {
    expect(render(template)).toBe(text);
  });

  it.each([
    [
      'ok\n  {{relvsn}}',
      'rel/files/x:2:3: {{relvsn}} has no value; there are hostname, nodes, off, on, rel_vsn. Add it to the file that overlay_vars names.',
    ],
    ['{{#on}}x', 'rel/files/x:1:1: the section {{#on}} does not end: {{/on}} is missing.'],
    ['x{{/on}}', 'rel/files/x:1:2: {{/on}} ends a section that does not begin.'],
    ['{{nodes}}', 'rel/files/x:1:1: {{nodes}} is a list: use it as a section, {{#nodes}}...{{/nodes}}.'],
    [
      '{{#rel_vsn}}x{{/rel_vsn}}',
      'rel/files/x:1:1: {{#rel_vsn}} needs a value that is true, false or {list, [...]}, and it is "0.2".',
    ],
  ])('%j is refused with its line', (template, message) => {
    expect(() => render(template)).toThrow(expect.objectContaining({ message, code: 'template-variable' }));
  });

  it('takes its values from Erlang terms', () => {
    const value = (text: string): unknown => {
      const [term] = readTerms(Buffer.from(`${text}.`), 'vars').terms;
      return term && overlayValue(term);
    };
    expect(value('"text"')).toBe('text');
    expect(value('""')).toBe('');
    expect(value('an_atom')).toBe('an_atom');
    expect(value('true')).toBe(true);
    expect(value('8080')).toBe('8080');
    expect(value('1.5')).toBe('1.50');
    expect(value('<<"bin">>')).toBe('bin');
    expect(value('{list, [[{a, "1"}], [{a, "2"}]]}')).toEqual([new Map([['a', '1']]), new Map([['a', '2']])]);
    expect(value('{a, b}')).toBeUndefined();
  });
});
