/**
 * The reason in an exit, and where it happened, from the text of the term: `function_clause in
 * dummy_server:code_change/3 (dummy_server.erl:51)`. The whole text where it has another form.
 */
export function exitReason(term: string): string {
  const match =
    /\{'EXIT',\s*\{(.+?),\s*\[\{('[^']*'|[\w@]+),\s*('[^']*'|[\w@]+),\s*(\d+|\[[^]*?\]),\s*\[(?:\{file,\s*"([^"]*)"\},\s*\{line,\s*(\d+)\})?/.exec(
      term,
    );
  if (match === null) return term;
  const [, reason = '', module = '', name = '', args = '', file, line] = match;
  const place = file === undefined ? '' : ` (${file.replace(/^.*\//, '')}:${line})`;
  return `${reason} in ${module}:${name}${/^\d+$/.test(args) ? `/${args}` : ''}${place}`;
}

/**
 * Why a node has ended while it booted, as a sentence, from the end of what it has printed; its last line where that is
 * all there is to say.
 */
export function explainBoot(log: string): string {
  const config = /error in config file \\?"([^"\\]*)\\?" \((\d+)\): ([^"\n]*?)"?[)}]*$/m.exec(log);
  if (config !== null) {
    const [, file = '', line = '', problem = ''] = config;
    return ` ${file.replace(/^.*\/(?=releases\/)/, '')}:${line} is no configuration: ${problem}.`;
  }
  const start = /\{application_start_failure,('[^']*'|[\w@]+),(.*?)\}?"?\)?$/m.exec(log);
  if (start !== null) {
    const [, application = '', reason = ''] = start;
    const child = /failed_to_start_child,([^,]+),\{?([^[]*?),?\[?\{/.exec(reason);
    return child === null
      ? ` The application ${application} cannot start: ${reason.slice(0, 300)}.`
      : ` The application ${application} cannot start: its child ${child[1] ?? ''} fails with ${child[2] ?? ''}.`;
  }
  const last = log.split('\n').at(-1) ?? '';
  return last === '' ? '' : ` It said last: ${last.slice(0, 300)}`;
}

/** What an answer of release_handler means, in words; undefined where there are none for it. */
export function explainFailure(term: string): string | undefined {
  for (const [pattern, words] of explanations) {
    const match = pattern.exec(term);
    if (match === null) continue;
    const [first = '', second = ''] = match.slice(1).map((group) => group.replace(/^"|"$/g, ''));
    return words(first, second);
  }
  return undefined;
}

type Words = (first: string, second: string) => string;

/** `release_handler.erl`, `release_handler_1.erl`, `erl_tar.erl`. */
const explanations: readonly (readonly [RegExp, Words])[] = [
  [
    /old_processes,\s*('[^']*'|[\w@]+)/,
    (module) =>
      `a process still runs old code of ${module}, which an instruction with soft_purge does not kill; nothing was changed.`,
  ],
  [
    /code_change_failed,\s*(<[\d.]+>),\s*('[^']*'|[\w@]+)/,
    (pid, module) => `code_change of ${module} failed in the process ${pid}.`,
  ],
  [/no_matching_relup,\s*("[^"]*"),\s*("[^"]*")/, (to, from) => `no relup leads from ${from} to ${to}.`],
  [
    /enoent,\s*"[^"]*relup"/,
    () =>
      'no relup leads from the version that runs to this one: neither that of the package names it, nor is there another.',
  ],
  [
    /enoent,\s*"([^"]*)\.rel"/,
    (file) => `the package has no ${file}.rel: it is cut short, or no package of this release.`,
  ],
  [/existing_release,\s*("[^"]*")/, (version) => `the version ${version} is unpacked already.`],
  [/already_installed,\s*("[^"]*")/, (version) => `the version ${version} runs already.`],
  [/no_such_release,\s*("[^"]*")/, (version) => `release_handler does not know the version ${version}.`],
  [/no_such_(?:file|directory),\s*("[^"]*")/, (file) => `a file or folder is missing: ${file}.`],
  [
    /heart[:,]\s*set_cmd/,
    () =>
      'the relup restarts the emulator, which needs heart to start it again; a rehearsal runs without heart, as does every node that is not started with -heart.',
  ],
  [
    /illegal_instruction_after_point_of_no_return,\s*(.+?)\}*$/,
    (instruction) => `release_handler does not carry out ${instruction}.`,
  ],
  [
    /suspended_supervisor/,
    () =>
      'release_handler walks the supervision trees, and met a supervisor that an earlier instruction has suspended.',
  ],
  [
    /which_children_failed|get_modules_failed/,
    () =>
      'release_handler walks the supervision trees, and a process in them did not answer; its own log says which.',
  ],
  [
    /bad_lib_vsn|\{case_clause,false\}/,
    () => 'RELEASES does not list the library that an instruction loads from.',
  ],
  [
    /^\{error,\{'EXIT',\{noproc,\{sys,(\w+),/,
    (call) => `the process that sys:${call} was called for has gone meanwhile.`,
  ],
  [/\beof\b|unexpected_eof|bad_header|data_error/, () => 'the package is cut short or damaged.'],
  [/\benospc\b/, () => 'the disk is full.'],
  [/\befbig\b/, () => 'a file is larger than it may be there.'],
  [/\beacces\b|\berofs\b/, () => 'the node may not write there.'],
  [
    /noproc,\s*\{gen_server,\s*call,\s*\[release_handler/,
    () => 'there is no release_handler: the release does not start the application sasl.',
  ],
  [
    /cannot_extract_file,\s*("[^"]*"),\s*unsafe_path/,
    (file) => `the package holds ${file}, which would lie outside of the release.`,
  ],
  [/bad_relup_file,\s*"([^"]*)"/, (file) => `${file} cannot be read: it is no relup.`],
  [/not_a_beam_file/, () => 'a file of the package that should be a module is none.'],
  [/unsafe_symlink/, () => 'the package holds a link that leads out of the release.'],
];
