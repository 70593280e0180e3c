import { describe, expect, it } from 'vitest';
import { describedRelease, type DescribedReleaseOptions } from './described-release';

const described = (files: Record<string, string>, options?: DescribedReleaseOptions) =>
  describedRelease((file) => Promise.resolve(files[file]), options);

const reltool =
  '{sys, [{rel, "other", "9", []}, {rel, "dummy", "0.1", [kernel, stdlib, sasl]}, {boot_rel, "dummy"}]}.';
const relx = '{deps, []}. {relx, [{release, {one, "1"}, [sasl]}, {release, {two, "2"}, [sasl]}]}.';
const mix = (lines: string) => `defmodule M.MixProject do\n${lines}\nend\n`;

describe('the release that a project describes', () => {
  it('is that of reltool.config, wherever it lies', async () => {
    const dummy = { tool: 'reltool', name: 'dummy', version: '0.1' };
    expect(await described({ 'rel/reltool.config': reltool, 'mix.exs': '' })).toEqual(dummy);
    expect(await described({ 'x/r.config': reltool }, { config: './x/r.config' })).toEqual(dummy);
    expect(await described({ 'rel/reltool.config': '{sys, [' })).toEqual({ tool: 'reltool' });
  });

  it.each<[string, string, object]>([
    ['written out', 'def project, do: [app: :m, version: "0.1.0"]', { name: 'm', version: '0.1.0' }],
    [
      'in an attribute',
      '@version "1.2.3"\ndef project, do: [app: :m, version: @version]',
      { name: 'm', version: '1.2.3' },
    ],
    [
      'of an umbrella',
      'def project, do: [apps_path: "apps", releases: [u: [version: "2"]]]',
      { name: 'u', version: '2' },
    ],
    ['computed', 'def project, do: [app: :m, version: File.read!("VERSION")]', { name: 'm' }],
    ['one of two', 'def project, do: [app: :m, version: "1", releases: [r: [version: "2"]]]', { name: 'r' }],
    ['in a comment', '# version: "9"\ndef project, do: [app: :m, version: "1"]', { name: 'm', version: '1' }],
  ])('is that of mix.exs, where the version is %s', async (_, lines, found) => {
    expect(await described({ 'mix.exs': mix(lines) })).toEqual({ tool: 'mix', ...found });
  });

  it('is that of relx, the one that is named', async () => {
    expect(await described({ 'rebar.config': relx })).toEqual({ tool: 'rebar3', name: 'one', version: '1' });
    expect(await described({ 'rebar.config': relx }, { releaseName: 'two' })).toEqual({
      tool: 'rebar3',
      name: 'two',
      version: '2',
    });
    expect(await described({ 'rebar.config': '{relx, [{release, {a, semver}, []}]}.' })).toEqual({
      tool: 'rebar3',
      name: 'a',
    });
  });

  it('is not there', async () => {
    expect(await described({ 'README.md': '' })).toBeUndefined();
    expect(await described({ 'rel/reltool.config': reltool }, { tool: 'mix' })).toBeUndefined();
  });
});
