import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

const run = promisify(execFile);
const repository = dirname(dirname(__dirname));

/** Both packages as npm would publish them. */
export interface PackedPackages {
  /** Paths of the tarballs. */
  readonly tarballs: readonly string[];
  /** Every file in them, as `PACKAGE/PATH`. */
  readonly files: readonly string[];
  readonly remove: () => void;
}

export async function packPackages(): Promise<PackedPackages> {
  const folder = mkdtempSync(join(tmpdir(), 'nx-otp-packed-'));
  const { stdout } = await run(
    'npm',
    ['pack', '--json', '--pack-destination', folder, './packages/core', './packages/nx-otp'],
    { cwd: repository, env: environment(), maxBuffer: 1 << 26 },
  );
  // Scripts of the packages print before it.
  const packed = packedIn(stdout.slice(stdout.search(/^[[{]\s*$/m)));
  return {
    tarballs: packed.map(({ filename }) => join(folder, filename)),
    files: packed.flatMap(({ name, files }) => files.map(({ path }) => `${name}/${path}`)).sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Packed {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** A list, or an object by package name, as versions of npm have it. */
function packedIn(json: string): Packed[] {
  return Object.values(JSON.parse(json) as Record<string, Packed>);
}

/** A workspace outside of the repository, into which npm has installed the packages beside some Nx. */
export interface InstalledWorkspace {
  readonly folder: string;
  /** The output of a run of its own nx that must succeed. */
  readonly nx: (...args: string[]) => Promise<string>;
  readonly remove: () => void;
}

/** @param nx packages with their versions: `nx@24.0.6` */
export async function installedWorkspace(
  nx: readonly string[],
  tarballs: readonly string[],
): Promise<InstalledWorkspace> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp installed für ')));
  const data = join(folder, '.nx');
  mkdirSync(data);
  writeFileSync(join(folder, 'package.json'), '{ "name": "ws", "private": true }\n');
  writeFileSync(join(folder, 'nx.json'), '{\n  // nobody is asked\n  "analytics": false\n}\n');
  const env = {
    ...environment(),
    NX_CACHE_DIRECTORY: join(data, 'cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(data, 'workspace-data'),
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_NO_CLOUD: 'true',
    NO_COLOR: '1',
  };
  const execute = async (program: string, args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await run(program, args, { cwd: folder, env, maxBuffer: 1 << 26 }).catch(
      (error: unknown) => {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
      },
    );
    return stripVTControlCharacters(stdout + stderr);
  };
  await execute('npm', ['install', '--save-dev', '--prefer-offline', '--no-audit', ...nx, ...tarballs]);
  return {
    folder,
    nx: (...args) =>
      execute(process.execPath, [join(folder, 'node_modules', 'nx', 'dist', 'bin', 'nx.js'), ...args]),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** The environment without what npm, nx and vitest leave for their children, but with the npm that people have set up. */
function environment(): NodeJS.ProcessEnv {
  const ofOthers =
    /^(?:NX_|npm_(?!config_(?:registry|cache|userconfig)$)|VITEST|INIT_CWD$|FORCE_COLOR$|NODE_ENV$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofOthers.test(name)));
}
