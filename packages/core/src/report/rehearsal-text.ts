import type { Aftermath, Finding, Installation, Rehearsal, RehearsalStep } from '../rehearsal/model';
import { processText } from '../rehearsal/snapshot';

/** A rehearsal for a terminal: a line for each step, and what was found wherever something was. */
export function formatRehearsal(rehearsal: Rehearsal): string {
  const { name, base, version = '?', steps, findings, aftermath } = rehearsal;
  const lines = [`${name} ${base} -> ${version} -> ${base}, rehearsed on ${nodeOf(rehearsal)}`];
  for (const step of steps) lines.push(...stepLines(step));
  for (const finding of findings) lines.push(...findingLines(finding, '  '));
  if (aftermath !== undefined) lines.push(...aftermathLines(aftermath));
  lines.push(verdict(rehearsal));
  if (rehearsal.kept !== undefined) lines.push(`kept: ${rehearsal.kept}`);
  return lines.join('\n');
}

function nodeOf({ otp, isolation }: Rehearsal): string {
  const node = otp === undefined ? 'a node that did not boot' : `OTP ${otp}`;
  const network =
    isolation.network === 'namespace'
      ? 'in a network of its own'
      : `in the network of this machine (${isolation.reason ?? ''})`;
  return `${node}, ${network}${isolation.config === undefined ? '' : `, with ${isolation.config}`}`;
}

function stepLines({ title, passed, milliseconds, findings, installation, probes }: RehearsalStep): string[] {
  const answered = probes.filter((probe) => probe.passed).length;
  const facts = [
    ...(installation === undefined ? [] : installationFacts(installation)),
    ...(probes.length === 0 ? [] : [`${answered} of ${count(probes.length, 'probe')} as expected`]),
  ];
  const mark = passed ? 'ok    ' : 'FAILED';
  return [
    `  ${mark} ${title} (${duration(milliseconds)})${facts.length === 0 ? '' : `: ${facts.join('; ')}`}`,
    ...findings.flatMap((finding) => findingLines(finding, '         ')),
  ];
}

function installationFacts({ milliseconds, suspended, load }: Installation): string[] {
  const facts = [`release_handler took ${duration(milliseconds)}`];
  if (load.clients > 0) {
    const failed = load.failures === 0 ? '' : `, ${load.failures} failed`;
    facts.push(
      `${count(load.calls, 'call')} meanwhile${failed}, the longest ${duration(load.longestMilliseconds)}`,
    );
  }
  if (suspended.length > 0) {
    const longest = suspended.reduce((most, one) => (one.milliseconds > most.milliseconds ? one : most));
    facts.push(
      `${count(suspended.length, 'process', 'processes')} suspended, ${processText(longest.process)} for ${duration(longest.milliseconds)}`,
    );
  }
  return facts;
}

function findingLines(finding: Finding, indent: string): string[] {
  const { severity, code, text, count: times = 1, instruction, term } = finding;
  const lines = [`${severity} ${code}: ${text}${times > 1 ? ` (${times} times)` : ''}`];
  if (instruction !== undefined) {
    lines.push(`  at ${instruction.instruction}`);
    const { appup } = instruction;
    if (appup !== undefined) {
      const line = appup.line === undefined ? '' : `:${appup.line}`;
      const reason = appup.reason === undefined ? '' : `, planned because ${appup.reason}`;
      lines.push(`  from ${appup.file}${line}, ${appup.section}: ${appup.instruction}${reason}`);
    }
  }
  if (term !== undefined && severity === 'error' && !text.includes(term)) {
    lines.push(...excerpt(term).map((line) => `  | ${line}`));
  }
  return lines.map((line) => `${indent}${line}`);
}

/** The end of what a node has printed says why it ended. */
function excerpt(term: string): string[] {
  const lines = term.split('\n').map((line) => (line.length > 400 ? `${line.slice(0, 400)}...` : line));
  return lines.slice(-12);
}

function aftermathLines({ node, releases, restart, left }: Aftermath): string[] {
  const running =
    releases.find(({ status }) => status === 'current') ??
    releases.find(({ status }) => status === 'permanent');
  const version = running?.version ?? 'nobody knows what';
  const becomes: Record<Aftermath['node'], string> = {
    runs: `the node goes on with ${version}`,
    restarted: `the node restarted itself, and runs ${version}`,
    ended: 'the node has ended',
    hangs: 'the node hangs: release_handler does not answer',
  };
  const applications = restart.boots
    ? restart.applications.map(({ name, version: found }) => `${name} ${found}`).join(', ')
    : '';
  const known = restart.boots
    ? restart.releases.map(({ version: found, status }) => `${found} ${status}`).join(', ')
    : '';
  return [
    'Afterwards an operator finds:',
    `  ${becomes[node]}.`,
    restart.boots
      ? `  A restart boots ${restart.version}${applications === '' ? '' : ` (${applications})`}; release_handler knows ${known}.`
      : `  A restart does not boot: ${restart.reason.split('\n').slice(0, 6).join('\n    ')}`,
    left.length === 0
      ? '  Nothing is left on disk.'
      : `  Left on disk, where a next try finds it: ${places(left).join(', ')}.`,
  ];
}

/** `lib/APP-VSN` and `releases/VSN` stand for what lies in them. */
function places(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => /^(?:lib|releases)\/[^/]+(?=\/)/.exec(file)?.[0] ?? file))];
}

function verdict({ passed, steps, findings, milliseconds }: Rehearsal): string {
  const installations = steps.flatMap(({ installation }) => installation ?? []);
  const calls = installations.reduce((sum, { load }) => sum + load.calls, 0);
  if (passed) {
    return `The rehearsal passed: ${count(steps.length, 'step')}, ${count(calls, 'call')} while release_handler was at work (${duration(milliseconds)}).`;
  }
  const errors = [...findings, ...steps.flatMap((step) => step.findings)].filter(
    ({ severity }) => severity === 'error',
  );
  return `The rehearsal FAILED: ${count(errors.length, 'error')} (${duration(milliseconds)}).`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds >= 10 ? Math.round(milliseconds) : milliseconds.toFixed(1)} ms`;
}
