import { atom, distributionApplications, OtpError, printTerm } from '@nx-otp/core';

/** Not words of the language in every version, so they are names today and none tomorrow. */
const wordsOfLaterVersions = new Set(['else', 'maybe']);

/**
 * Refuses what cannot be the name of an application or a release without quotes, in Erlang as in Elixir.
 * @param option that gives another name
 * @throws OtpError `application-name`
 */
export function checkName(name: string, what: 'an application' | 'a release', option: string): void {
  const isPlain = printTerm(atom(name)) === name && !wordsOfLaterVersions.has(name);
  if (isPlain && /^[a-z][a-z0-9_]*$/.test(name)) {
    if (what === 'a release' || !distributionApplications.has(name)) return;
    throw new OtpError(`Erlang/OTP or Elixir has an application ${name} of its own.`, {
      code: 'application-name',
      fix: `Give another name with ${option}.`,
    });
  }
  const suggestion = suggested(name);
  throw new OtpError(`${JSON.stringify(name)} cannot be the name of ${what}.`, {
    code: 'application-name',
    fix: `It is an atom: a lower-case letter first, then such letters, digits and underscores, and no word of Erlang. Give another with ${option}${suggestion === undefined ? '' : `, such as ${suggestion}`}.`,
  });
}

function suggested(name: string): string | undefined {
  const words = name
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '');
  return words === '' || words === name ? undefined : words;
}
