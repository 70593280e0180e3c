/** What a workflow has to set up before Nx can run, and how Nx is called. */
export interface WorkflowSetup {
  readonly name: string;
  readonly mainBranch: string;
  readonly otpVersion: string;
  /** Undefined for a workspace without a `mix.exs`. */
  readonly elixirVersion: string | undefined;
  /** Whether a project is built by rebar3. */
  readonly rebar3: boolean;
  /** The folders in which `mix deps.get` fetches, since no target does. */
  readonly mixProjects: readonly string[];
  /** Undefined for a workspace without a `package.json`, whose Nx installs itself. */
  readonly packageManager: PackageManagerSetup | undefined;
  /** Such as `npx nx`. */
  readonly nx: string;
}

export interface PackageManagerSetup {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** Such as `npm ci`. */
  readonly install: string;
}

/** What runs for everything that a change affects. */
export const checks = 'affected -t compile test generate';

/** What runs where it is known what production has. */
export const upgrades = 'affected -t generate-upgrade rehearse-upgrade';

/** Comments of each workflow. */
export const notes = {
  history: '# Nx asks the history what a change affects.',
  machine: '# A release takes its emulator from here: its system and its Erlang/OTP are those of production.',
  upgrades: [
    '# From the release that runs in production: previousRelease, in the options of the target',
    '# previous-release of each project, names it.',
  ],
};

/** A string of YAML, in quotes where it could mean something else. */
export function scalar(text: string): string {
  const isPlain =
    /^[A-Za-z_][\w ./-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$|\s$/i.test(text);
  return isPlain ? text : `'${text.replaceAll("'", "''")}'`;
}
