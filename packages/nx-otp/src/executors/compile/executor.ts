import { compileApplications, compileMix, compileRebar3, releaseToolOf } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { libraryFolders } from '../../task/libraries';
import { defaultOutputPath, projectRootOf } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { CompileExecutorOptions } from './schema';

const compile: PromiseExecutor<CompileExecutorOptions> = (options, context) =>
  runStep(async () => {
    const projectRoot = projectRootOf(context);
    const buildPath = defaultOutputPath(context, 'build/compile');
    switch (options.tool ?? releaseToolOf(projectRoot)) {
      case 'reltool':
        return compileToEbin(projectRoot, libraryFolders(context));
      case 'mix': {
        show(await compileMix({ projectRoot, buildPath, environment: options.environment }));
        return;
      }
      case 'rebar3': {
        show(await compileRebar3({ projectRoot, buildPath, profile: options.profile }));
        return;
      }
    }
  });

async function compileToEbin(projectRoot: string, libraries: readonly string[]): Promise<void> {
  const { applications, warnings } = await compileApplications({ projectRoot, libraries });
  if (warnings !== '') console.warn(warnings.trimEnd());
  for (const { name, version, modules } of applications) {
    console.log(`${name} ${version}: ${modules.length} modules`);
  }
}

function show(output: string): void {
  if (output !== '') console.log(output);
}

export default compile;
