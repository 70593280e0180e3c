import { printTerm, string } from '../erlang';

/**
 * The text of an appup from `src/NAME.appup.src`, with the application's version in the place of what stands for it:
 * `{{vsn}}` (also `{{{vsn}}}` and `{{&vsn}}`, as mustache has them: rebar3_appup_plugin fills in the same) and `%VSN%` in a
 * string, and an unquoted `VSN` as the appup's own version, `{VSN, [...], [...]}`. Line breaks stay where they are, so that
 * a mistake is found in the same line of both. Expressions, which that plugin evaluates (`file:script/2`), are none here:
 * a build must not depend on what they look at.
 */
export function fillInVersion(template: string, version: string): string {
  const quoted = printTerm(string(version));
  const inString = quoted.slice(1, -1);
  return template
    .replace(/\{\{\{\s*vsn\s*\}\}\}|\{\{&?\s*vsn\s*\}\}|%VSN%/gi, () => inString)
    .replace(/^((?:\s|%.*(?:\n|$))*\{\s*)VSN(?=\s*,)/, (_, before: string) => `${before}${quoted}`);
}
