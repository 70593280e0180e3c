import type { Finding } from './model';
import type { NamedProbe } from './probes';

/** By the kind that the node gives to an event of the log. */
export const logCodes: Readonly<Record<string, Finding['code']>> = {
  crash: 'crash-report',
  supervisor: 'supervisor-report',
};

export function quoted({ name, call }: NamedProbe): string {
  return name === call ? JSON.stringify(call) : `${JSON.stringify(name)} (${call})`;
}

/** Which differ from one run to the next. */
export function withoutPids(text: string): string {
  return text.replace(/<\d+\.\d+\.\d+>|#Ref<[\d.]+>|#Port<[\d.]+>/g, '<>');
}

/** Equal findings once, with how often. */
export function counted(findings: readonly Finding[]): Finding[] {
  const byText = new Map<string, { finding: Finding; count: number }>();
  for (const finding of findings) {
    const key = `${finding.code} ${withoutPids(finding.text)}`;
    const known = byText.get(key);
    if (known === undefined) byText.set(key, { finding, count: 1 });
    else known.count++;
  }
  return [...byText.values()].map(({ finding, count }) => (count === 1 ? finding : { ...finding, count }));
}

export function listed(paths: readonly string[]): string {
  return paths.length <= 5
    ? paths.join(', ')
    : `${paths.slice(0, 5).join(', ')} and ${paths.length - 5} more`;
}
