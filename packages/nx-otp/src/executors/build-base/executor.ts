import { relative } from 'node:path';
import type { PromiseExecutor } from '@nx/devkit';
import { buildRevisions, revisionsOf } from '../../task/built-revisions';
import { chosenBases } from '../../task/chosen-bases';
import { ownOptions } from '../../task/own-options';
import { targetsOf, projectOf, releasesToImport } from '../../task/previous-releases';
import { outputOption } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { BuildBaseExecutorOptions } from './schema';

const buildBase: PromiseExecutor<BuildBaseExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const project = projectOf(context);
    const bases = await chosenBases(releasesToImport(options, targetsOf(project)), project);
    const revisions = revisionsOf(bases);
    if (revisions.length === 0) {
      console.log('no previous release is a revision of git: there is nothing to build');
      return;
    }
    const outputPath = outputOption(context, options.outputPath, 'base');
    for (const { name, version, path } of await buildRevisions(revisions, project, outputPath)) {
      console.log(`${name} ${version}: ${relative(context.root, path)}`);
    }
  });

export default buildBase;
