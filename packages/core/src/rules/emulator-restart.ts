import type { Diagnostic } from './diagnostic';

/** A pair whose relup restarts the emulator, and what a node of its base has for that. */
export interface EmulatorRestart {
  /** The path of the base. */
  readonly base: string;
  readonly from: string;
  readonly to: string;
  /** The `vm.args` of the release that runs, relative to its root; undefined where it has none. */
  readonly vmArgs: string | undefined;
  /** Whether `-heart` is in it. */
  readonly hasHeart: boolean;
  /** Whether the base has `bin/start`, or `sys.config` of the release that runs names another `start_prg` for `sasl`. */
  readonly hasStartProgram: boolean;
}

/**
 * `restart_emulator` and `restart_new_emulator` end the emulator and leave it to `heart` to start the other one:
 * `heart:set_cmd/1` is given `start_prg`, by default `bin/start`, with the path of `new_start_erl.data` behind it, both
 * without quotes. Flags and programs may come from elsewhere, so this only warns.
 */
export function emulatorRestart(restart: EmulatorRestart): Diagnostic[] {
  const { base, from, to, vmArgs, hasHeart, hasStartProgram } = restart;
  const lacking = [
    ...(hasHeart ? [] : [vmArgs === undefined ? 'there is no vm.args' : `${vmArgs} has no -heart`]),
    ...(hasStartProgram ? [] : [`${base} has no bin/start, and sys.config of ${from} no start_prg for sasl`]),
  ];
  if (lacking.length === 0) return [];
  return [
    {
      code: 'emulator-restart',
      severity: 'warning',
      message: `going from ${from} to ${to} restarts the emulator, which release_handler leaves to heart and a start program, and ${lacking.join(', and ')}: the node would refuse to install it, or end and not come back.`,
      fix: 'Start the node with -heart, and give it a bin/start that boots what the file in its first argument names ("ERTS-VSN VSN"; the folder releases/__new_emulator__VSN has no vm.args), and install it in a folder without a space in its path, or make the change with an ordinary restart.',
    },
  ];
}
