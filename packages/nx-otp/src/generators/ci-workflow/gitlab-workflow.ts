import { posix } from 'node:path';
import { checks, notes, scalar, upgrades, type WorkflowSetup } from './workflow-setup';

/** The text of `.gitlab-ci.yml`. */
export function gitlabWorkflow(setup: WorkflowSetup): string {
  const keys = [
    ...(setup.packageManager?.name === 'npm' ? ['package-lock.json'] : []),
    ...setup.mixProjects.slice(0, 1).map((folder) => posix.join(folder, 'mix.lock')),
  ];
  const kept = [
    ...(setup.packageManager?.name === 'npm' ? ['.npm/'] : []),
    ...setup.mixProjects.map((folder) => posix.join(folder, 'deps/')),
  ];
  const cache = [
    '  cache:',
    '    key:',
    '      files:',
    ...listOf(keys, 8),
    '    paths:',
    ...listOf(kept, 6),
  ];
  return `${notes.machine}
image: ${imageOf(setup)}

variables:
  ${notes.history}
  GIT_DEPTH: '0'

workflow:
  name: ${scalar(setup.name)}
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == ${JSON.stringify(setup.mainBranch)}

main:
  interruptible: true
${kept.length === 0 ? '' : `${cache.join('\n')}\n`}  before_script:
${listOf(preparation(setup), 4).join('\n')}
  script:
    - export NX_HEAD=$CI_COMMIT_SHA
    - export NX_BASE=\${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}
    - ${setup.nx} ${checks}
${notes.upgrades.map((line) => `    ${line}`).join('\n')}
    - ${setup.nx} ${upgrades}
`;
}

/** The images of Erlang hold rebar3, those of Elixir name the release of Erlang/OTP. */
function imageOf({ otpVersion, elixirVersion }: WorkflowSetup): string {
  if (elixirVersion === undefined) return `erlang:${otpVersion}-alpine`;
  return `elixir:${elixirVersion}-otp-${/^\d+/.exec(otpVersion)?.[0] ?? otpVersion}-alpine`;
}

function preparation({ packageManager, elixirVersion, mixProjects }: WorkflowSetup): string[] {
  const manager = packageManager?.name ?? 'npm';
  return [
    'apk add --no-cache git nodejs npm',
    ...(manager === 'npm' ? [] : [`npm install --global ${manager}`]),
    ...(packageManager === undefined
      ? []
      : [packageManager.install + (manager === 'npm' ? ' --cache .npm --prefer-offline' : '')]),
    ...(elixirVersion === undefined ? [] : ['mix local.hex --force', 'mix local.rebar --force']),
    ...mixProjects.map((folder) => (folder === '.' ? 'mix deps.get' : `(cd "${folder}" && mix deps.get)`)),
  ];
}

function listOf(entries: readonly string[], indent: number): string[] {
  return entries.map((entry) => `${' '.repeat(indent)}- ${entry}`);
}
