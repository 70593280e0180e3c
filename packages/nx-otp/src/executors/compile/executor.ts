import { compileApplications } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { projectRootOf } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { CompileExecutorOptions } from './schema';

const compile: PromiseExecutor<CompileExecutorOptions> = (_options, context) =>
  runStep(async () => {
    const { applications, warnings } = await compileApplications({ projectRoot: projectRootOf(context) });
    if (warnings !== '') console.warn(warnings.trimEnd());
    for (const { name, version, modules } of applications) {
      console.log(`${name} ${version}: ${modules.length} modules`);
    }
  });

export default compile;
