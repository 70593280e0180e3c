import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { posix } from 'node:path';
import { otpApplications } from '@nx-otp/core';
import type { NewFile } from '../new-files';
import type { ProjectApplication } from '../project-applications';
import type { DescribedRelease } from './described-release';
import { listAfter } from './erlang-layout';

/**
 * `rel/reltool.config` with all that it names, by their path in the project: a start script, `vm.args` and `sys.config`.
 */
export function reltoolFiles(release: DescribedRelease): Record<string, NewFile> {
  const { name } = release;
  return {
    'rel/reltool.config': reltoolConfig(release),
    [`rel/files/${name}`]: { text: startScript(name), executable: true },
    'rel/files/sys.config': sysConfig(release),
    'rel/files/vm.args': `## The node's name and cookie; bin/${name} reads them here, too.
-sname ${name}
-setcookie ${name}_cookie

## Modules are loaded at the start and by release_handler, never on demand.
-mode embedded
`,
  };
}

function reltoolConfig({ name, version, applications }: DescribedRelease): string {
  const own = applications.map((application) => application.name);
  const needs = applications.flatMap((application) => application.needs);
  const base = ['kernel', 'stdlib', 'sasl'];
  // Without Erlang/OTP here what they need directly has to do; reltool says what else is missing.
  const needed = otpApplications(needs) ?? needs.filter((need) => !own.includes(need));
  const all = [...new Set([...base, ...needed, ...own])];
  // reltool looks through the folders of lib_dirs for applications that are called like theirs.
  const isInLibrary = ({ name: its, folder }: ProjectApplication): boolean => posix.basename(folder) === its;
  const fromRel = (folder: string): string => `"${posix.join('..', folder)}"`;
  const libraries = new Set(
    applications.filter(isInLibrary).map(({ folder }) => fromRel(posix.dirname(folder))),
  );
  const included = all.map((each) => {
    const alone = applications.find((application) => application.name === each && !isInLibrary(application));
    const place = alone === undefined ? '' : `, {lib_dir, ${fromRel(alone.folder)}}`;
    return `    {app, ${each}, [{incl_cond, include}${place}]}`;
  });
  return `{sys, [
${libraries.size === 0 ? '' : `${listAfter('{lib_dirs, ', [...libraries].sort(), '},', { indent: 4 })}\n`}${listAfter(`{rel, "${name}", "${version}", `, all, '},', { indent: 4 })}
    {rel, "start_clean", "", [kernel, stdlib]},
    {boot_rel, "${name}"},
    {profile, embedded},
    {incl_cond, exclude},
    %% A hot upgrade asks the beams for their vsn attribute, which stripping removes.
    {debug_info, keep},
    %% Applications as plain folders: release_handler cannot replace an archive.
    {excl_archive_filters, [".*"]},
    {excl_sys_filters, [
        "^bin/",
        "^erts.*/bin/(ct_run|dialyzer|typer|erlc|yielding_c_fun)$",
        "^erts.*/(doc|info|include|lib|man|src)"
    ]},
${included.join(',\n')}
]}.

{overlay, [
    {mkdir, "log"},
    {copy, "files/${name}", "bin/${name}"},
    {copy, "files/sys.config", "releases/{{rel_vsn}}/sys.config"},
    {copy, "files/vm.args", "releases/{{rel_vsn}}/vm.args"}
]}.
`;
}

/** The script of the example, which boots `start.boot` or the boot file of the release's name. */
function startScript(name: string): string {
  const file = join(__dirname, '..', '..', '..', 'files', 'start-script');
  return readFileSync(file, 'utf8').replace('$RELEASE/dummy', `$RELEASE/${name}`);
}

function sysConfig({ applications }: DescribedRelease): string {
  const entries = applications.map(({ name }) => `    {${name}, []}`);
  return `[\n${['    {kernel, [{logger_level, notice}]}', ...entries].join(',\n')}\n].\n`;
}
