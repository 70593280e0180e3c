/** What the text of an Erlang source says about other files and modules that it is compiled with. */
export interface SourceMentions {
  /** `-include_lib("NAME/...")`: the names of applications. */
  readonly libraries: readonly string[];
  /** `-include("PATH")`, and `-include_lib` of a path. */
  readonly includes: readonly string[];
  /** Behaviours and parse transforms. */
  readonly modules: readonly string[];
}

const name = String.raw`(?:'([^'\\\n]+)'|([a-z][\w@]*))`;
// Attributes begin their line, so that comments need not be taken out first. Texts are long: no expression here looks at
// a character more than a few times.
const attribute = new RegExp(
  String.raw`^[ \t]*-[ \t]*(?:(include|include_lib)[ \t]*\([ \t\r\n]*"([^"\n]+)"|behaviou?r[ \t]*\([ \t\r\n]*${name})`,
  'gm',
);
const transform = new RegExp(String.raw`^[^%\n]*\bparse_transform[ \t]*,[ \t\r\n]*${name}`, 'gm');

/** It is looked at, not parsed: what macros make of it is not seen. */
export function sourceMentions(text: string): SourceMentions {
  const libraries = new Set<string>();
  const includes = new Set<string>();
  const modules = new Set<string>();
  for (const [, kind, path, quoted, plain] of text.matchAll(attribute)) {
    const library = kind === 'include_lib' ? /^([^/$.][^/]*)\//.exec(path ?? '')?.[1] : undefined;
    if (library !== undefined) libraries.add(library);
    else if (path !== undefined) includes.add(path);
    else modules.add(quoted ?? plain ?? '');
  }
  if (text.includes('parse_transform')) {
    for (const [, quoted, plain] of text.matchAll(transform)) modules.add(quoted ?? plain ?? '');
  }
  return { libraries: [...libraries], includes: [...includes], modules: [...modules] };
}
