import type { TargetConfiguration } from '@nx/devkit';

/**
 * What a result depends on beside its files: Erlang/OTP, and this plugin. Nothing from package.json. By the path of the
 * program, since Nx knows the ones in `node_modules/.bin` only when npm has started it, and takes one that it does not
 * find for one that says nothing.
 */
const toolchain = [
  { runtime: 'node node_modules/nx-otp/bin/nx-otp-toolchain.js' },
  { externalDependencies: [] },
];

/** Dependencies that rebar 2 has fetched and built; git ignores them. */
const dependencies = { fileset: '{projectRoot}/deps/*/{ebin,include,priv}/**/*', includeIgnored: true };

/** A dependency that is given the command line of the one that needs it. */
const forwarded = (target: string) => ({ target, params: 'forward' as const });

/** The outputs of the targets it depends on: their content, wherever it came from. */
const outputsOfDependencies = { dependentTasksOutputFiles: '**/*' };

/**
 * The targets of a project with a `rel/reltool.config`, from its sources to the upgrade package. Each has a folder
 * of its own below `dist`.
 */
export function releaseTargets(): Record<string, TargetConfiguration> {
  return {
    compile: {
      executor: 'nx-otp:compile',
      cache: true,
      inputs: [
        '{projectRoot}/rebar.config',
        '{projectRoot}/{src,include}/**/*',
        '{projectRoot}/ebin/*.appup',
        '{projectRoot}/{apps,lib}/*/rebar.config',
        '{projectRoot}/{apps,lib}/*/{src,include}/**/*',
        '{projectRoot}/{apps,lib}/*/ebin/*.appup',
        '{projectRoot}/**/*.hrl',
        dependencies,
        { env: 'ERL_COMPILER_OPTIONS' },
        { env: 'ERL_LIBS' },
        ...toolchain,
      ],
      // A pattern for folders is what Nx clears before it restores them; their files are what it hashes for
      // `dependentTasksOutputFiles`, to which a pattern that matches a folder alone is nothing.
      outputs: [
        '{projectRoot}/ebin',
        '{projectRoot}/{apps,lib}/*/ebin',
        '{projectRoot}/{apps,lib}/*/ebin/**/*',
      ],
      metadata: {
        technologies: ['erlang'],
        description: 'Compile every OTP application of the project to its ebin',
      },
    },
    generate: {
      executor: 'nx-otp:generate',
      cache: true,
      dependsOn: ['compile'],
      inputs: [
        // Overlays may take files from anywhere in the project, and the configuration may lie there, too.
        '{projectRoot}/**/*',
        '!{projectRoot}/rel/appups/**/*',
        '!{projectRoot}/rel/upgrade.json',
        '!{projectRoot}/**/*.md',
        '!{projectRoot}/{src,test,doc,docs}/**/*',
        '!{projectRoot}/{apps,lib}/*/{src,test,doc,docs}/**/*',
        dependencies,
        outputsOfDependencies,
        { env: 'ERL_LIBS' },
        ...toolchain,
      ],
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/release' },
      metadata: { technologies: ['erlang'], description: 'Make the target system of rel/reltool.config' },
    },
    'previous-release': {
      executor: 'nx-otp:previous-release',
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/previous-release' },
      metadata: {
        technologies: ['erlang'],
        description:
          'Bring the release that runs in production into the workspace, so that caching sees its content',
      },
    },
    'generate-appups': {
      executor: 'nx-otp:generate-appups',
      cache: true,
      dependsOn: ['generate', forwarded('previous-release')],
      inputs: [
        '{projectRoot}/rel/appups/**/*',
        '{projectRoot}/rel/upgrade.json',
        outputsOfDependencies,
        ...toolchain,
      ],
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/appups' },
      metadata: {
        technologies: ['erlang'],
        description: 'Write the appup of every application that changed since the previous release',
        help: {
          command: 'nx run PROJECT:generate-appups --help',
          example: { options: { previousRelease: '../production/dummy_0.1.tar.gz' } },
        },
      },
    },
    'generate-upgrade': {
      executor: 'nx-otp:generate-upgrade',
      cache: true,
      dependsOn: ['generate', forwarded('previous-release'), forwarded('generate-appups')],
      inputs: [outputsOfDependencies, ...toolchain],
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/upgrade' },
      metadata: {
        technologies: ['erlang'],
        description:
          "Write the relup and the package that OTP's release_handler installs on the running node",
        help: {
          command: 'nx run PROJECT:generate-upgrade --help',
          example: { options: { previousRelease: '../production/dummy_0.1.tar.gz' } },
        },
      },
    },
    'verify-upgrade': {
      executor: 'nx-otp:verify-upgrade',
      // What it looks at lies outside of the workspace, and changes there.
      cache: false,
      dependsOn: [forwarded('previous-release'), forwarded('generate-upgrade')],
      metadata: {
        technologies: ['erlang'],
        description: 'Say whether the upgrade package fits an installation, before it is copied there',
        help: {
          command: 'nx run PROJECT:verify-upgrade --help',
          example: { options: { previousRelease: '/srv/dummy' } },
        },
      },
    },
  };
}
