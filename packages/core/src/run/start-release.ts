import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '../error';
import { launchRelease, type ReleaseLaunch } from '../node';
import { namesOnThisMachine } from './epmd';
import { checkNodeName, nodeNameIn, vmArgsWithNodeName, withNodeName } from './node-name';
import { remoteShell } from './remote-shell';
import { runNode, type NodeCommand, type NodeEnd } from './run-node';
import { findRunningCopy, forgetNode, makeRunningCopy, rememberNode, type RunningCopy } from './running-copy';

export interface StartReleaseOptions {
  /** The release, a folder or a tarball. It is only read: what runs is a copy. */
  readonly release: string;
  /** The folder that holds the copies; each is kept until its release changes. */
  readonly folder: string;
  /** Another name for the node than that of the release. It gets a copy of its own. */
  readonly node?: string;
  /** To start from the release as it is, without what was installed and written before. */
  readonly fresh?: boolean;
  /** Whether it has a shell on the terminal. Where the node runs already, the shell is on that one. */
  readonly shell: boolean;
  /** Is told what is about to run, before it does. */
  readonly announce: (started: StartedRelease) => void | Promise<void>;
}

export interface StartedRelease {
  readonly name: string;
  /** That which boots: another one than that of the release where an upgrade was made permanent in the copy. */
  readonly version: string;
  readonly layout: ReleaseLaunch['layout'];
  /** The copy. */
  readonly path: string;
  readonly copy: 'made' | 'kept' | 'replaced';
  /** Undefined for a node without a name. */
  readonly node: string | undefined;
  /** Whether it runs already, so that this is only a shell on it. */
  readonly attached: boolean;
}

/** What `start` prints, and others can wait for, when all applications are up. */
const upMessage = 'the node is up';

/**
 * Runs a release as its own start script would, in a copy of its own, until it ends or this process is sent a signal.
 * `-heart` of the release does not count: nothing starts the node again.
 * @throws OtpError `node-running`, `node-name`, `node-name-taken`, those of `findRunningCopy` and `launchRelease`
 */
export async function startRelease(options: StartReleaseOptions): Promise<NodeEnd> {
  const { node, fresh = false, shell } = options;
  if (node !== undefined) checkNodeName(node);
  const copy = await findRunningCopy(options);
  if (shell && copy.running !== undefined) return attach(options, copy);
  const done = await makeRunningCopy(copy, fresh);
  const launch = await launchIn(copy, node, shell);
  const name = nodeNameIn(launch.args);
  await refuseNameInUse(name);
  await options.announce({
    name: copy.name,
    version: launch.version,
    layout: launch.layout,
    path: copy.path,
    copy: done,
    node: name,
    attached: false,
  });
  const command = shell ? await withShell(copy, launch) : sayingWhenUp(launch);
  try {
    return await runNode(command, shell, (pid) =>
      rememberNode(copy, { pid, ...(name !== undefined && { node: name }) }),
    );
  } finally {
    await forgetNode(copy);
  }
}

async function attach(options: StartReleaseOptions, copy: RunningCopy): Promise<NodeEnd> {
  const { node } = copy.running ?? {};
  if (node === undefined) {
    throw new OtpError('the node that runs here has no name, so there is no way to get a shell on it.', {
      code: 'node-name',
      file: copy.path,
      fix: 'Give it one with the option node, or in the vm.args of the release.',
    });
  }
  const launch = await launchIn(copy, options.node, true);
  await options.announce({
    name: copy.name,
    version: launch.version,
    layout: launch.layout,
    path: copy.path,
    copy: 'kept',
    node,
    attached: true,
  });
  return runNode(remoteShell(launch, node), true, () => Promise.resolve());
}

async function launchIn(copy: RunningCopy, node: string | undefined, shell: boolean): Promise<ReleaseLaunch> {
  const root = copy.path;
  const env = { ...process.env, ...(node !== undefined && { RELEASE_NODE: node }) };
  const launch = await launchRelease({ root, distribution: 'configured', interactive: shell, env });
  if (node === undefined || launch.layout === 'mix') return launch;
  if (launch.layout === 'relx') await nameForScript(root, launch.version, node);
  return { ...launch, args: withNodeName(launch.args, node) };
}

/** The start script of relx, which installs upgrades, finds the node by the `vm.args` in the root, if there is one. */
async function nameForScript(root: string, version: string, node: string): Promise<void> {
  for (const file of ['vm.args', 'vm.args.src']) {
    const ofRelease = join(root, 'releases', version, file);
    const own = join(root, file);
    if (!existsSync(ofRelease)) continue;
    await writeFile(own, vmArgsWithNodeName(await readFile(ofRelease, 'utf8'), node));
  }
}

/** The emulator ends with words that tell little, and after a while. */
async function refuseNameInUse(node: string | undefined): Promise<void> {
  const [name = ''] = node?.split('@') ?? [];
  if (name === '' || !(await namesOnThisMachine()).includes(name)) return;
  throw new OtpError(`a node ${name} runs on this machine already.`, {
    code: 'node-name-taken',
    fix: 'End it, or give this one another name with the option node.',
  });
}

function sayingWhenUp(launch: ReleaseLaunch): NodeCommand {
  const say = `io:put_chars(["${upMessage}: ", atom_to_list(node()), $\\n]).`;
  return { ...launch, args: ['-eval', say, ...launch.args] };
}

/** That of `bin/NAME start_iex` for mix. How IEx is started depends on the Elixir, and its `iex` script says it. */
async function withShell(copy: RunningCopy, launch: ReleaseLaunch): Promise<NodeCommand> {
  if (launch.layout !== 'mix') return launch;
  const script = join(copy.path, 'releases', launch.version, 'iex');
  const text = await readFile(script, 'utf8').catch(() => '');
  const flags = /^exec .*--erl "([^"]*)"/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  return { ...launch, args: [...flags, ...launch.args, '-extra', '--no-halt', '+iex'] };
}
