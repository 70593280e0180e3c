import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest, WrittenVersion } from './manifest';
import { mixManifest } from './mix-manifest';

const read = (text: string): Manifest => mixManifest(Buffer.from(text, 'utf8'), 'mix.exs');

function stated(text: string): string[] {
  return read(text).versions.map((version) =>
    version.kind === 'written'
      ? `${version.of} ${version.name} ${version.version}`
      : `${version.of} ${version.name} = ${version.by}`,
  );
}

/** The text with all that is written replaced. */
function withAll(text: string, version: string): string {
  const manifest = read(text);
  const written = manifest.versions.filter((each): each is WrittenVersion => each.kind === 'written');
  return manifest.replace(new Map(written.map((each) => [each, version]))).toString();
}

/** A project with this list, as `mix new` writes it. */
const project = (list: string, more = ''): string => `defmodule Shop.MixProject do
  use Mix.Project
${more}
  def project do
    [
      ${list}
    ]
  end

  def application, do: [extra_applications: [:logger]]
end
`;

describe('a mix.exs', () => {
  it('keeps all but the version', () => {
    const text = `# version: "9"
${project(`app: :shop, # version: "8"
      description: "version: \\"7\\" #{version("6")} é😀",
      docs: ~s(version: "5"), sep: ?", other: 'version: "4"',
      long: """
      version: "3"
      """,
      deps: [{:a, "2", [version: "1"]}],
      version: "0.1.0", # here
      elixir: "~> 1.14"`)}`;
    expect(stated(text)).toEqual(['application shop 0.1.0']);
    expect(withAll(text, '0.2.0')).toBe(text.replace('"0.1.0"', '"0.2.0"'));
    const windows = text.replaceAll('\n', '\r\n');
    expect(withAll(windows, '0.2.0')).toBe(windows.replace('"0.1.0"', '"0.2.0"'));
    expect(read(text).versions[0]?.position).toEqual({ line: 14, column: 16 });
  });

  it.each([
    ['an attribute', project('app: :shop, version: @version', '  @version "0.1.0"\n')],
    [
      'an attribute with parentheses elsewhere',
      project('app: :shop, version: @vsn, docs: [ref: "v#{@vsn}"]', '  @vsn "0.1.0" # now\n  @other "3"\n'),
    ],
    ['a function', project('app: :shop, version: version()', '  defp version, do: "0.1.0"\n')],
    [
      'a function with a block',
      project('app: :shop, version: version', '  def version() do\n    # now\n    "0.1.0"\n  end\n'),
    ],
    [
      'a function that is an attribute',
      project('app: :shop, version: version()', '  @version "0.1.0"\n  defp version, do: @version\n'),
    ],
    ['one line', 'defmodule S do\n def project, do: [app: :shop, version: "0.1.0"]\nend'],
    [
      'a list that goes on',
      'defmodule S do\n def project do\n  [app: :shop, version: "0.1.0"] ++ more()\n end\nend',
    ],
    ['no module', 'def project do [version: "0.1.0", app: :shop] end'],
  ])('says its version in %s', (_, text) => {
    expect(stated(text)).toEqual(['application shop 0.1.0']);
    expect(withAll(text, '0.1.1-rc.1')).toBe(text.replace('"0.1.0"', '"0.1.1-rc.1"'));
  });

  it.each([
    ['version: File.read!("VERSION") |> String.trim()', 'File.read!("VERSION") |> String.trim()'],
    ['version: System.get_env("VSN", "0.1.0")', 'System.get_env("VSN", "0.1.0")'],
    ['version: "0.1.#{patch()}"', '"0.1.#{patch()}"'],
    ['version: "0.1" <> ".0"', '"0.1" <> ".0"'],
    ['version: version', 'version'],
    ['version: @version', '@version'],
    ['version: to_string(@vsn)', 'to_string(@vsn)'],
  ])('says that %s is computed', (version, by) => {
    const text = project(
      `app: :shop, ${version}`,
      '  @version "1.0" <> suffix()\n  defp version(x), do: x\n',
    );
    expect(stated(text)).toEqual([`application shop = ${by}`]);
  });

  it('is computed where a function has several clauses', () => {
    const text = project(
      'app: :shop, version: version()',
      '  defp version, do: "1.0.0"\n  defp version(), do: "2.0.0"\n',
    );
    expect(stated(text)).toEqual(['application shop = version()']);
  });

  it('states the versions of its releases before its own', () => {
    const text = project(
      'apps_path: "apps", version: "0.1.0",\n      releases: releases(), deps: []',
      `  @version "0.3.0"
  defp releases do
    [
      shop: [version: "0.2.0", applications: [front: :permanent]],
      other: [
        steps: [:assemble, :tar], version: @version
      ],
      third: [include_erts: false],
      fourth: [version: {:from_app, :front}]
    ]
  end
`,
    );
    expect(stated(text)).toEqual([
      'release shop 0.2.0',
      'release other 0.3.0',
      'release fourth = {:from_app, :front}',
      'application  0.1.0',
    ]);
    expect(withAll(text, '1.0.0')).toBe(text.replaceAll(/"0\.[123]\.0"/g, '"1.0.0"'));
  });

  it('writes one place that two take their version from once', () => {
    const text = project('app: :a, version: @v, releases: [a: [version: @v]]', '  @v "1.0.0"\n');
    expect(stated(text)).toEqual(['release a 1.0.0', 'application a 1.0.0']);
    expect(withAll(text, '1.0.10')).toBe(text.replace('"1.0.0"', '"1.0.10"'));
  });

  it('knows dependencies with a requirement', () => {
    const text = project(
      'app: :a, version: "1.0.0", deps: deps()',
      '  defp deps do\n    [{:b, "~> 0.1"}, {:c, ">= 1.0.0 and < 2.0.0", only: :dev}, {:d, path: "../d"}, {:"e", "== 1.0.0", path: "../e"}, {:f, in_umbrella: true}]\n  end\n',
    );
    expect(
      read(text).requirements.map(({ application, requirement }) => `${application} ${requirement}`),
    ).toEqual(['b ~> 0.1', 'c >= 1.0.0 and < 2.0.0', 'e == 1.0.0']);
  });

  it('takes only three numbers for the project, and any version for a release', () => {
    const text = project('app: :a, version: "1.0.0", releases: [a: [version: "7"]]');
    const manifest = read(text);
    const [first, second] = manifest.versions as readonly WrittenVersion[];
    if (first === undefined || second === undefined) throw new Error('expected two versions');
    expect(manifest.replace(new Map([[first, '8']])).toString()).toBe(text.replace('"7"', '"8"'));
    expect(() => manifest.replace(new Map([[second, '1.1']]))).toThrow(
      'mix.exs: mix does not take 1.1 as the version of a project. Give it three numbers, such as 0.2.0',
    );
  });

  it.each([
    ['"no end', '1:1'],
    ['x = """\n', '1:7'],
    ['~s(', '1:3'],
    ['"#{x', '1:4'],
    ['"#{'.repeat(200), undefined],
  ])('that is cut off is an error: %s', (text, place) => {
    expect(() => read(text)).toThrow(place === undefined ? /mix\.exs:1:\d+: / : `mix.exs:${place}: `);
  });

  it('without a project, or of nonsense, states nothing', () => {
    for (const text of [
      '',
      'version: "1.0.0"',
      '[app: :a, version: "1.0.0"]',
      ']]}{{(',
      'def project do [app: :a, version: ',
      'def project, do:',
      'def project',
      '@',
      '~',
      '?',
      ':',
    ]) {
      expect(stated(text)).toEqual([]);
    }
    expect(() => mixManifest(Buffer.from([0xff]), 'mix.exs')).toThrow('the file is not UTF-8');
  });

  it('is the same but for the version, whatever stands around it', () => {
    const filler = fc.constantFrom(
      ' ',
      '\n',
      '\r\n',
      '\t',
      ' # version: "0.0.0"\n',
      '# "\n',
      '# \u{e9} #{\n',
    );
    const other = fc
      .constantFrom(
        'description: "version: \\"0.0.0\\""',
        'a: ~S(version: "0.0.0\\")',
        'b: ~r/version: "[0-9]"/u',
        'c: ?",',
        'd: \'version: "0.0.0"\'',
        'e: [version: "0.0.0"]',
        'f: "#{"#{version: "0.0.0"}"}"',
        'g: """\n  version: "0.0.0"\n  """',
        'h: fn -> [version: "0.0.0"] end',
        '"version ": "0.0.0"',
        'i: :"version: "',
      )
      .map((text) => text.replace(/,$/, ''));
    const version = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map((numbers) => numbers.join('.'));
    fc.assert(
      fc.property(
        fc.array(filler),
        fc.array(other),
        fc.array(other),
        version,
        version,
        (blank, before, after, old, next) => {
          const space = blank.join('');
          const text = (shown: string): string =>
            `${space}defmodule A do${space}\n def project do${space} [${space}${[...before, `app: :a`, `version:${space} "${shown}"`, ...after].join(`${space},${space}`)}${space}]${space}\n end${space}\nend${space}\n`;
          expect(stated(text(old))).toEqual([`application a ${old}`]);
          expect(withAll(text(old), next)).toBe(text(next));
        },
      ),
      { numRuns: 200 },
    );
  });
});
