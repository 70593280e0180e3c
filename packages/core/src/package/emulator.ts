import type { FileTree } from '../release';

/** What machine code is made for. */
export interface Architecture {
  readonly format: 'elf' | 'mach-o';
  /** `x86_64`, `aarch64`, ...; the number in the file's header for one that is not known here. */
  readonly machine: string;
  readonly bits: 32 | 64;
}

/** What the emulator of a release says of itself. */
export interface EmulatorFacts {
  /** The OTP release, such as `25`. */
  readonly otp?: string;
  readonly architecture?: Architecture;
}

/**
 * Reads `erts-VSN/bin/beam.smp`: its header, and the version that it prints when it starts, which is the only place in
 * a target system that names the OTP release.
 * @returns nothing where the release has no emulator of its own, or one of a form that is not known here
 */
export async function readEmulator(tree: FileTree, ertsVersion: string): Promise<EmulatorFacts> {
  const path = `erts-${ertsVersion}/bin/beam.smp`;
  if (!tree.files.some((file) => file.path === path)) return {};
  const content = await tree.read(path);
  const architecture = architectureOf(content);
  const otp = otpRelease(content);
  return { ...(otp !== undefined && { otp }), ...(architecture !== undefined && { architecture }) };
}

/** The text of `erlang:system_info(system_version)`, in `erl_bif_info.c`: `Erlang/OTP 25%s [erts-13.1.5]`. */
function otpRelease(content: Buffer): string | undefined {
  const start = 'Erlang/OTP ';
  for (let at = content.indexOf(start); at >= 0; at = content.indexOf(start, at + 1)) {
    const text = content.subarray(at, at + 80).toString('latin1');
    const release = /^Erlang\/OTP (\d+)[^[\0]* \[erts-/.exec(text)?.[1];
    if (release !== undefined) return release;
  }
  return undefined;
}

/** `e_machine`, of the ELF specification. */
const elfMachines: ReadonlyMap<number, string> = new Map([
  [3, 'x86'],
  [8, 'mips'],
  [20, 'ppc'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x86_64'],
  [183, 'aarch64'],
  [243, 'riscv'],
  [258, 'loongarch'],
]);

/** `cputype`, of `mach/machine.h`. */
const machOMachines: ReadonlyMap<number, string> = new Map([
  [7, 'x86'],
  [12, 'arm'],
  [0x0100_0007, 'x86_64'],
  [0x0100_000c, 'aarch64'],
]);

/** From the header of a program or a library; undefined for anything else, and for one of several architectures. */
export function architectureOf(content: Buffer): Architecture | undefined {
  if (content.length < 20) return undefined;
  const magic = content.readUInt32BE(0);
  if (magic === 0x7f45_4c46) {
    const little = content[5] === 1;
    const machine = little ? content.readUInt16LE(18) : content.readUInt16BE(18);
    const name = elfMachines.get(machine) ?? String(machine);
    const order = little && (name === 'ppc64' || name === 'mips') ? 'le' : '';
    return { format: 'elf', machine: name + order, bits: content[4] === 1 ? 32 : 64 };
  }
  if (magic === 0xcffa_edfe || magic === 0xcefa_edfe) {
    const machine = content.readUInt32LE(4);
    return {
      format: 'mach-o',
      machine: machOMachines.get(machine) ?? String(machine),
      bits: magic === 0xcffa_edfe ? 64 : 32,
    };
  }
  return undefined;
}

/** `x86_64 (elf, 64 bit)` */
export function formatArchitecture({ format, machine, bits }: Architecture): string {
  return `${machine} (${format}, ${bits} bit)`;
}
