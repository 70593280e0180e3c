import { relative, sep } from 'node:path';
import { compileWorkspace, OtpError, type CompileResult } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { librariesOf } from '../../task/libraries';
import { projectRootOf } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { CompileApplicationExecutorOptions } from './schema';

const compileApplication: PromiseExecutor<CompileApplicationExecutorOptions> = (_options, context) =>
  runStep(async () => {
    const folder = relative(context.root, projectRootOf(context)).split(sep).join('/');
    const libraries = librariesOf(context.projectName ?? '', context);
    const [result] = await compileWorkspace({
      workspaceRoot: context.root,
      applications: [{ folder: folder === '' ? '.' : folder, libraries }],
    });
    if (result === undefined) throw new Error(`${folder} has no result`);
    if (result.kind === 'failed') throw result.error;
    console.log(reportOf(result));
  });

/** What the terminal is to show. */
export function reportOf(result: CompileResult): string {
  switch (result.kind) {
    case 'compiled': {
      const { name, version, modules } = result.application;
      return `${result.warnings}${name} ${version}: ${modules.length} ${modules.length === 1 ? 'module' : 'modules'}`;
    }
    case 'failed':
      return result.error.message;
    case 'skipped':
      return new OtpError(`it needs ${result.needs}, which was not compiled.`, {
        code: 'not-compiled',
        file: result.folder,
      }).message;
  }
}

export default compileApplication;
