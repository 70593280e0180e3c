import type { LiveRelease, Scenario } from './scenario.js';
import { modulesOf } from './sources.js';

/** What went wrong, by the scenario it is about. */
export class Notes {
  private readonly lists: ReadonlyMap<string, string[]>;
  private readonly scenarioOfApplication = new Map<string, string>();
  private readonly names: { readonly scenario: string; readonly pattern: RegExp }[] = [];

  constructor({ scenarios }: LiveRelease) {
    this.lists = new Map(scenarios.map(({ name }) => [name, []]));
    for (const scenario of scenarios) {
      for (const { name } of scenario.applications) this.scenarioOfApplication.set(name, scenario.name);
      this.names.push({
        scenario: scenario.name,
        pattern: new RegExp(`\\b(${namesOf(scenario).join('|')})\\b`),
      });
    }
  }

  get findings(): ReadonlyMap<string, readonly string[]> {
    return this.lists;
  }

  about(scenario: string, when: string, finding: string): void {
    this.lists.get(scenario)?.push(`${when}: ${finding}`);
  }

  aboutApplication(application: string, when: string, finding: string): void {
    const scenario = this.scenarioOfApplication.get(application);
    if (scenario === undefined) this.everywhere(when, finding);
    else this.about(scenario, when, `${application}: ${finding}`);
  }

  /** A text that OTP wrote: whose modules or applications it names, or everybody's. */
  report(when: string, finding: string): void {
    const named = this.names.filter(({ pattern }) => pattern.test(finding));
    for (const { scenario } of named) this.about(scenario, when, finding);
    if (named.length === 0) this.everywhere(when, finding);
  }

  everywhere(when: string, finding: string): void {
    for (const scenario of this.lists.keys()) this.about(scenario, when, finding);
  }
}

function namesOf(scenario: Scenario): string[] {
  return scenario.applications.flatMap(({ name, v1, v2 }) => [
    name,
    ...[v1, v2].flatMap((version) => (version === undefined ? [] : Object.keys(modulesOf(name, version)))),
  ]);
}
