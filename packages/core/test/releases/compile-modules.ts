import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runErlang } from '../archives/erlang';

/** The builds of one source. */
export interface CompiledModule {
  readonly beam: Buffer;
  /** As `beam_lib:strip/1` leaves it. */
  readonly stripped: Buffer;
}

/**
 * Compiles Erlang sources, each in a folder of its own, in one Erlang node; by the names that are given to them.
 * The name of the module is read from the source.
 */
export async function compileModules<Name extends string>(
  sources: Readonly<Record<Name, string>>,
): Promise<Record<Name, CompiledModule>> {
  const root = await mkdtemp(join(tmpdir(), 'nx-otp modules ü-'));
  try {
    const folders: [Name, string][] = [];
    for (const [name, source] of Object.entries(sources) as [Name, string][]) {
      const folder = join(root, name);
      await mkdir(folder);
      await writeFile(join(folder, `${/-module\((\w+)\)/.exec(source)?.[1] ?? ''}.erl`), source);
      folders.push([name, folder]);
    }
    await runErlang(
      `[begin
          [File] = filelib:wildcard(filename:join(Folder, "*.erl")),
          {ok, _, Beam} = compile:file(File, [binary, debug_info, return_errors]),
          {ok, {_, Stripped}} = beam_lib:strip(Beam),
          ok = file:write_file(filename:join(Folder, "beam"), Beam),
          ok = file:write_file(filename:join(Folder, "stripped"), Stripped)
        end || Folder <- Args]`,
      folders.map(([, folder]) => folder),
    );
    const compiled: [Name, CompiledModule][] = [];
    for (const [name, folder] of folders) {
      compiled.push([
        name,
        { beam: await readFile(join(folder, 'beam')), stripped: await readFile(join(folder, 'stripped')) },
      ]);
    }
    return Object.fromEntries(compiled) as Record<Name, CompiledModule>;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
