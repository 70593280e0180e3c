import { describe, expect, it } from 'vitest';
import { readTerms } from '../erlang';
import { parseReltoolConfig } from './reltool-config';

const release = '{sys, [{rel, "a", "1", [kernel, stdlib, sasl]}, {boot_rel, "a"}]}.';

const parse = (text: string): ReturnType<typeof parseReltoolConfig> =>
  parseReltoolConfig(readTerms(Buffer.from(text), 'rel/reltool.config'), '/project/rel');

describe('a reltool.config', () => {
  it('names the release that is booted, and the overlays with their lines', () => {
    const config = parse(
      `${release}\n{target_dir, "out"}.\n{overlay_vars, "vars"}.\n{overlay, [{mkdir, "log"},\n  {copy, "x"},\n {replace, "f", "a+", "b"}]}.`,
    );
    expect(config).toMatchObject({
      name: 'a',
      version: '1',
      targetFolder: 'out',
      overlayVariables: { value: 'vars' },
    });
    expect(config.overlay.map(({ value, position }) => [value.kind, position?.line])).toEqual([
      ['mkdir', 4],
      ['copy', 5],
      ['replace', 6],
    ]);
  });

  it.each([
    ['{target_dir, "x"}.', 'rel/reltool.config: expected {sys, [...]}, the configuration of reltool.'],
    [
      '{sys, [\n  {rel, "a", "1", [kernel, stdlib]},\n  {boot_rel, "a"}]}.',
      'rel/reltool.config:2:3: release a does not start sasl, and release_handler, which installs upgrades, is part of it. Add sasl to the applications of {rel, "a", "1", [...]}.',
    ],
    [
      '{sys, [{rel, "a", git, [sasl]},\n{boot_rel, "a"}]}.',
      'rel/reltool.config:1:19: the version of release a must be written out, and here is git. Write {rel, "a", "1.0.0", [...]}: a version from git or a command would differ from one checkout to the next.',
    ],
    [
      '{sys, [{rel, "a", "1", [sasl]}]}.',
      'rel/reltool.config:1:7: the configuration does not say which release is booted. Add {boot_rel, "NAME"}.',
    ],
    [
      '{sys, [{rel, "a", "1", [sasl]}, {boot_rel, "b"}]}.',
      'rel/reltool.config:1:44: boot_rel names release b, and there is no {rel, "b", Version, Applications}.',
    ],
    [
      '{sys, [{rel, "a", "1", [sasl]}, {boot_rel, "a"},\n{app, x, [{debug_info, strip}]}]}.',
      'rel/reltool.config:2:11: stripped beams cannot be upgraded hot: they lose their attributes, and release_handler reads the vsn attribute. Write {debug_info, keep}.',
    ],
    [
      '{sys, [{rel, "a", "1", [sasl]}, {boot_rel, "a"},\n{excl_lib, otp_root}]}.',
      'rel/reltool.config:2:1: with {excl_lib, otp_root} the release has no erts and none of the applications of OTP. release_handler looks for them below the root of the release: remove {excl_lib, otp_root}.',
    ],
    [
      `${release}\n{overlay, [{move, "a", "b"}]}.`,
      'rel/reltool.config:2:12: there is no such overlay command: {move, "a", "b"}. There are {mkdir, To}, {copy, From}, {copy, From, To}, {template, From, To}, {template_wildcard, From, To}, {create, To, Content} and {replace, In, Regex, Replacement}.',
    ],
    [`${release}\n{overlay, [{mkdir, log}]}.`, 'rel/reltool.config:2:20: {mkdir, log}: a path is a string.'],
    [`${release}\n{overlay, files}.`, 'rel/reltool.config:2:11: overlay must be a list of commands.'],
  ])('is refused with the place and the remedy: %j', (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ message, code: 'reltool-config' }));
  });
});
