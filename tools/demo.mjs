// The whole story in a terminal: a release is built and started, its next version is built, the running node is
// upgraded and goes back. Each step says what it does, shows the command that a user would type, and is checked.

import { readFile, stat, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseNode } from './release-node.mjs';
import { makeScratchWorkspace } from './scratch-workspace.mjs';
import { setUp, SetUpError } from './set-up.mjs';

/** The story went another way than told. */
class DemoError extends Error {}

const start = Date.now();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // What runs in the scratch workspace ends with this process.
  process.once(signal, () => {
    console.error('\nInterrupted.');
    process.exit(130);
  });
}
try {
  setUp();
  await tellStory();
  console.log(`\nDone in ${Math.round((Date.now() - start) / 1000)} seconds.`);
} catch (error) {
  const told = error instanceof DemoError || error instanceof SetUpError;
  console.error(`\nThe demo ended early: ${told ? error.message : String(error)}`);
  process.exit(1);
}

async function tellStory() {
  const workspace = await makeScratchWorkspace('demo');
  const { project } = workspace;
  const node = releaseNode(join(workspace.folder, 'prod'));
  let steps = 0;
  try {
    console.log(`The release "dummy" of this repository keeps one value. This is its story, told in
${workspace.folder}`);

    await workspace.setVersion('0.1');
    step('Build version 0.1 of the release');
    await nx('run', 'dummy:generate');

    step('Install it and start its node');
    command('cp -R dummy/dist/release prod');
    await cp(join(project, 'dist', 'release'), node.root, { recursive: true });
    command('prod/bin/dummy start');
    await node.start();
    await check('release_handler:which_releases(permanent).', (answer) => answer.includes('"0.1"'));

    step('Give the running server a state');
    await check('dummy_server:set_state(123).', 'ok');
    await check('dummy_server:get_state().', '123');

    step('Build version 0.2, which remembers earlier values, and the upgrade from what runs in production');
    await workspace.setVersion('0.2');
    await nx('run', 'dummy:generate-upgrade', '--previousRelease=prod');

    step('The appup that was written: how the running code becomes the new code, and the way back');
    command('cat dummy/dist/appups/dummy.appup');
    print(await readFile(join(project, 'dist', 'appups', 'dummy.appup'), 'utf8'));

    const upgradePackage = join(project, 'dist', 'upgrade', 'dummy_0.2.tar.gz');
    step(`The upgrade package: ${(await stat(upgradePackage)).size} bytes`);
    command('cp dummy/dist/upgrade/dummy_0.2.tar.gz prod/releases/');
    await node.receive(upgradePackage);
    await check('release_handler:unpack_release("dummy_0.2").', '{ok, "0.2"}');

    step('Upgrade the running node');
    await check('release_handler:install_release("0.2").', '{ok, "0.1", []}');

    step('The state was kept, and new code runs: 0.1 has no history');
    await check('dummy_server:get_state().', '123');
    await check('dummy_server:get_history().', '[]');
    await check('dummy_server:set_state(1000).', 'ok');
    await check('dummy_server:set_state(123).', 'ok');
    await check('dummy_server:get_history().', '[1000, 123]');

    step('Make it permanent: from now on the node boots 0.2');
    await check('release_handler:make_permanent("0.2").', 'ok');

    step('Go back to 0.1 on the running node');
    await check('release_handler:install_release("0.1").', '{ok, "0.1", []}');
    await check('release_handler:make_permanent("0.1").', 'ok');

    step('The state was kept, and the old code runs');
    await check('dummy_server:get_state().', '123');
    await check('erlang:function_exported(dummy_server, get_history, 0).', 'false');

    step('Stop the node');
    command('prod/bin/dummy stop');
    await node.stop();
    if (await node.answers()) throw new DemoError('the node still answers after it was stopped.');
  } finally {
    await node.stop();
    workspace.remove();
  }

  /** @param {string} headline */
  function step(headline) {
    steps += 1;
    console.log(`\n${steps}. ${headline}`);
  }

  /** @param {string[]} args */
  async function nx(...args) {
    command(`nx ${args.join(' ')}`);
    const { status, output } = await workspace.nx(args);
    if (status !== 0) throw new DemoError(`nx ended with exit code ${status}:\n${output}`);
    // What the targets say, without Nx's own frame.
    const [, ofTargets = ''] = /^(> nx run [^]*?)^ NX {3}/m.exec(output) ?? [];
    print(ofTargets.replace(/\n{2,}/g, '\n'));
  }

  /**
   * @param {string} expression
   * @param {string | ((answer: string) => boolean)} expected
   */
  async function check(expression, expected) {
    command(`prod/bin/dummy eval '${expression}'`);
    const answer = await node.evaluate(expression);
    print(answer);
    if (typeof expected === 'string' ? answer !== expected : !expected(answer)) {
      throw new DemoError(
        `${expression} gave ${answer}${typeof expected === 'string' ? `, and it should give ${expected}` : ''}.`,
      );
    }
  }
}

/** @param {string} line */
function command(line) {
  console.log(`   $ ${line}`);
}

/** @param {string} text */
function print(text) {
  console.log(text.trim().replace(/^/gm, '     '));
}
