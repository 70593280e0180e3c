import { posix } from 'node:path';
import { checks, notes, scalar, upgrades, type WorkflowSetup } from './workflow-setup';

/** The text of a workflow in `.github/workflows`. */
export function githubWorkflow(setup: WorkflowSetup): string {
  return `name: ${scalar(setup.name)}

on:
  push:
    branches: [${scalar(setup.mainBranch)}]
  pull_request:

# nx-set-shas looks for the last run that succeeded.
permissions:
  actions: read
  contents: read

jobs:
  main:
    ${notes.machine}
    runs-on: ubuntu-latest
    steps:
${stepsOf(setup)
  .map((step) => step.map((line) => `      ${line}`).join('\n'))
  .join('\n\n')}
`;
}

type Step = readonly string[];

function stepsOf(setup: WorkflowSetup): Step[] {
  const { packageManager, elixirVersion, mainBranch } = setup;
  return [
    [
      '- uses: actions/checkout@v4',
      '  with:',
      `    ${notes.history}`,
      '    fetch-depth: 0',
      '    filter: tree:0',
    ],
    uses('erlef/setup-beam@v1', {
      'otp-version': scalar(setup.otpVersion),
      ...(elixirVersion !== undefined && { 'elixir-version': scalar(elixirVersion) }),
      ...(setup.rebar3 && { 'rebar3-version': "'3'" }),
    }),
    ...(packageManager?.name === 'pnpm' ? [uses('pnpm/action-setup@v4', {})] : []),
    ...(packageManager?.name === 'bun' ? [uses('oven-sh/setup-bun@v2', {})] : []),
    uses('actions/setup-node@v4', {
      'node-version': "'22'",
      ...(packageManager !== undefined && packageManager.name !== 'bun' && { cache: packageManager.name }),
    }),
    ...(packageManager === undefined ? [] : [[`- run: ${packageManager.install}`]]),
    ...dependencySteps(setup),
    uses('nrwl/nx-set-shas@v4', { 'main-branch-name': scalar(mainBranch) }),
    [`- run: ${setup.nx} ${checks}`],
    [...notes.upgrades, `- run: ${setup.nx} ${upgrades}`],
  ];
}

function uses(action: string, settings: Readonly<Record<string, string>>): Step {
  const given = Object.entries(settings).map(([key, value]) => `    ${key}: ${value}`);
  return [`- uses: ${action}`, ...(given.length === 0 ? [] : ['  with:', ...given])];
}

/** What mix and rebar3 have fetched is kept from run to run. */
function dependencySteps({ mixProjects, rebar3 }: WorkflowSetup): Step[] {
  const kept = [
    ...(rebar3 ? ['~/.cache/rebar3'] : []),
    ...mixProjects.map((folder) => posix.join(folder, 'deps')),
  ];
  if (kept.length === 0) return [];
  return [
    [
      '- uses: actions/cache@v4',
      '  with:',
      '    path: |',
      ...kept.map((path) => `      ${path}`),
      "    key: deps-${{ runner.os }}-${{ hashFiles('**/mix.lock', '**/rebar.lock') }}",
    ],
    ...mixProjects.map((folder) => [
      '- run: mix deps.get',
      ...(folder === '.' ? [] : [`  working-directory: ${scalar(folder)}`]),
    ]),
  ];
}
