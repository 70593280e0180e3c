import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRuleCode, rulePage, rules, type Rule } from './codes';

const root = join(__dirname, '../../../..');
const folder = join(root, 'docs/rules');
const codes = Object.keys(rules).filter(isRuleCode);
const index = readFileSync(join(folder, 'README.md'), 'utf8');
const severitiesOf = (rule: Rule): readonly string[] =>
  typeof rule.severity === 'string' ? [rule.severity] : rule.severity;

describe('the pages of the rules', () => {
  it('are there for each code, and for nothing else', () => {
    const pages = readdirSync(folder).filter((file) => file !== 'README.md');
    const wanted = new Set(codes.map((code) => rulePage(code).replace('docs/rules/', '')));
    expect(pages.sort()).toEqual([...wanted].sort());
  });

  it('are all in the index, with the severities that the findings have', () => {
    const listed = [...index.matchAll(/^\| \[([a-z-]+)\]\(\1\.md\) *\| ([a-z, ]+?) *\|/gm)].map(
      ([, code = '', severities = '']) => `${code} ${severities}`,
    );
    const wanted = codes
      .filter((code) => rules[code].stage !== 'relup')
      .map((code) => `${code} ${severitiesOf(rules[code]).join(', ')}`);
    expect(listed).toEqual(wanted);
  });

  it('name their rule, its severities and what to do', () => {
    for (const code of codes.filter((one) => rules[one].stage !== 'relup')) {
      const page = readFileSync(join(root, rulePage(code)), 'utf8');
      expect(page.startsWith(`# ${code}\n`), code).toBe(true);
      const [, summary = ''] = page.split('\n\n');
      expect(summary.toLowerCase(), code).toContain(severitiesOf(rules[code]).join(' or '));
      for (const heading of ['What was found', 'On the node', 'Example', 'What to do']) {
        expect(page, code).toContain(`\n## ${heading}\n`);
      }
    }
  });

  it("list OTP's reasons on one page, each once", () => {
    const page = readFileSync(join(folder, 'relup.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([a-z-]+)` *\|/gm)].map(([, code]) => code);
    expect(listed).toEqual(codes.filter((code) => rules[code].stage === 'relup'));
  });
});
