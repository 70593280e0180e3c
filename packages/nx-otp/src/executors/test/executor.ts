import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { OtpError, testApplications, testMix, testRebar3 } from '@nx-otp/core';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';
import { libraryFolders } from '../../task/libraries';
import { defaultOutputPath, outputOption, projectRootOf } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { TestExecutorOptions } from './schema';

const test: PromiseExecutor<TestExecutorOptions> = (options, context) =>
  runStep(async () => {
    const projectRoot = projectRootOf(context);
    const buildPath = defaultOutputPath(context, 'build/test');
    const { args } = options;
    const tool = options.tool ?? toolOf(projectRoot);
    refuseOptionsOfOtherTools(tool, options);
    switch (tool) {
      case 'erlc': {
        const tested = await testApplications({
          workspaceRoot: context.root,
          folder: folderOf(projectRoot, context),
          libraries: libraryFolders(context),
          outputPath: outputOption(context, options.outputPath, 'test'),
          buildPath,
          ...(options.modules !== undefined && { modules: options.modules }),
          show,
        });
        console.log(`tested: ${tested.join(', ')}`);
        return;
      }
      case 'mix':
        return testMix({ projectRoot, buildPath, args, environment: options.environment, show });
      case 'rebar3': {
        const umbrella = options.umbrella === undefined ? projectRoot : join(context.root, options.umbrella);
        const { application: name } = options;
        return testRebar3({
          projectRoot: umbrella,
          buildPath,
          args,
          profile: options.profile,
          ...(name !== undefined && {
            application: { name, folder: relative(umbrella, projectRoot).split(sep).join('/') },
          }),
          show,
        });
      }
    }
  });

function toolOf(projectRoot: string): 'erlc' | 'rebar3' | 'mix' {
  const has = (file: string): boolean => existsSync(join(projectRoot, file));
  if (has('rel/reltool.config')) return 'erlc';
  if (has('mix.exs')) return 'mix';
  return has('rebar.config') || has('rebar.config.script') ? 'rebar3' : 'erlc';
}

/** What is silently left out would look as if it had passed. */
function refuseOptionsOfOtherTools(tool: string, options: TestExecutorOptions): void {
  const refused = tool === 'erlc' ? 'args' : 'modules';
  if (options[refused] === undefined) return;
  throw new OtpError(`the option ${refused} does nothing for tests that ${tool} runs.`, {
    code: 'option-of-another-tool',
    fix: tool === 'erlc' ? 'Name modules with --modules.' : 'Give options of the tool with --args.',
  });
}

function folderOf(projectRoot: string, context: ExecutorContext): string {
  const folder = relative(context.root, projectRoot).split(sep).join('/');
  return folder === '' ? '.' : folder;
}

function show(text: string): void {
  process.stdout.write(text);
}

export default test;
