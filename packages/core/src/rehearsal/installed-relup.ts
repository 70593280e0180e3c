import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  findSection,
  instructionToTerm,
  parseAppup,
  parseInstruction,
  type Appup,
  type Direction,
  type Instruction,
} from '../appup';
import { OtpError, type Position } from '../error';
import { listElements, printTerm, readTerms, stringValue, tupleOf, type Term } from '../erlang';
import { appupIndexFile } from '../upgrade/appup-folder';
import type { VersionOnDisk } from './expected-modules';
import type { InstructionOrigin } from './model';

/** The script that release_handler carries out between two versions, read from where it reads it. */
export interface InstalledScript {
  readonly direction: Direction;
  readonly instructions: readonly Instruction[];
  readonly terms: readonly Term[];
}

/**
 * As `release_handler:get_rh_script/4` finds it: in the relup of the version that is entered, else in that of the one
 * that is left. Undefined where there is none; release_handler then says so.
 */
export function installedScript(root: string, from: string, to: string): InstalledScript | undefined {
  return (
    scriptIn(root, { folder: to, direction: 'up', other: from }) ??
    scriptIn(root, { folder: from, direction: 'down', other: to })
  );
}

function scriptIn(
  root: string,
  {
    folder,
    direction,
    other,
  }: { readonly folder: string; readonly direction: Direction; readonly other: string },
): InstalledScript | undefined {
  const file = join(root, 'releases', folder, 'relup');
  if (!existsSync(file)) return undefined;
  try {
    const [term] = readTerms(readFileSync(file), file).terms;
    const [, up, down] = (term && tupleOf(term, undefined, 3)?.elements) ?? [];
    const entries = direction === 'up' ? up : down;
    for (const entry of (entries && listElements(entries)) ?? []) {
      const [version, , script] = tupleOf(entry, undefined, 3)?.elements ?? [];
      if (version === undefined || script === undefined || stringValue(version) !== other) continue;
      const terms = listElements(script) ?? [];
      return { direction, terms, instructions: terms.map((one) => parseInstruction(one)) };
    }
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
  }
  return undefined;
}

/** The functions that the script applies: `[module, function, arity]`. */
export function appliedFunctions(script: InstalledScript): (readonly [string, string, number])[] {
  return script.instructions.flatMap((instruction) =>
    instruction.kind === 'apply'
      ? [[instruction.call.module, instruction.call.function, instruction.call.args.length] as const]
      : [],
  );
}

/** Says which instruction of which appup those of a script came from. */
export class Origins {
  readonly #appups = new Map<string, { readonly appup: Appup; readonly file: string }>();
  readonly #reasons: ReadonlyMap<string, string>;

  /**
   * @param root where the newer version is unpacked: its appups are in it
   * @param appupFolder what `generate-appups` wrote, with the reasons
   */
  constructor(
    root: string,
    newer: VersionOnDisk,
    private readonly older: VersionOnDisk,
    appupFolder: string | undefined,
  ) {
    for (const [name, version] of newer.applications) {
      const file = `lib/${name}-${version}/ebin/${name}.appup`;
      const path = join(root, file);
      if (older.applications.get(name) === version || !existsSync(path)) continue;
      try {
        this.#appups.set(name, { appup: parseAppup(readTerms(readFileSync(path), file), file), file });
      } catch (error) {
        if (!(error instanceof OtpError)) throw error;
      }
    }
    this.#reasons = appupFolder === undefined ? new Map() : reasonsIn(appupFolder);
  }

  of(script: InstalledScript, index: number): InstructionOrigin | undefined {
    const instruction = script.instructions[index];
    const term = script.terms[index];
    if (instruction === undefined || term === undefined) return undefined;
    const appup = this.#inAppup(instruction, script.direction);
    return { index, instruction: printTerm(term), ...(appup !== undefined && { appup }) };
  }

  #inAppup(instruction: Instruction, direction: Direction): InstructionOrigin['appup'] {
    const modules = new Set(modulesOf(instruction));
    const wanted = printTerm(instructionToTerm(instruction));
    for (const [application, { appup, file }] of this.#appups) {
      const version = this.older.applications.get(application);
      const section = version === undefined ? undefined : findSection(appup[direction], version);
      const elements = (section?.instructions ?? []).flatMap(({ term, position }) =>
        (listElements(term) ?? [term]).map((one) => ({ term: one, position })),
      );
      for (const { term, position } of elements) {
        const high = parsed(term);
        if (high === undefined) continue;
        const same = printTerm(instructionToTerm(high)) === wanted;
        const named =
          modulesOf(high).some((module) => modules.has(module)) && high.kind !== 'load_object_code';
        if (!same && !named) continue;
        return this.#place(application, file, direction, version ?? '', high, position);
      }
    }
    return undefined;
  }

  #place(
    application: string,
    file: string,
    direction: Direction,
    version: string,
    high: Instruction,
    position: Position | undefined,
  ): NonNullable<InstructionOrigin['appup']> {
    const instruction = printTerm(instructionToTerm(high, { shortest: true }));
    const reason = this.#reasons.get(reasonKey(application, direction, version, instruction));
    return {
      application,
      file,
      section: direction === 'up' ? `up from ${version}` : `down to ${version}`,
      instruction,
      ...(position !== undefined && { line: position.line }),
      ...(reason !== undefined && reason !== '' && { reason }),
    };
  }
}

function parsed(term: Term): Instruction | undefined {
  try {
    return parseInstruction(term);
  } catch (error) {
    if (error instanceof OtpError) return undefined;
    throw error;
  }
}

/** The modules that an instruction is about. */
export function modulesOf(instruction: Instruction): readonly string[] {
  switch (instruction.kind) {
    case 'update':
    case 'load_module':
    case 'add_module':
    case 'delete_module':
    case 'load':
    case 'remove':
      return [instruction.module];
    case 'purge':
    case 'resume':
    case 'stop':
    case 'start':
    case 'load_object_code':
      return instruction.modules;
    case 'suspend':
      return instruction.modules.map(({ module }) => module);
    case 'code_change':
      return instruction.changes.map(({ module }) => module);
    case 'add_application':
    case 'remove_application':
    case 'restart_application':
    case 'apply':
    case 'sync_nodes':
    case 'point_of_no_return':
    case 'restart_new_emulator':
    case 'restart_emulator':
    case 'restart':
    case 'reboot':
      return [];
  }
}

function reasonKey(application: string, direction: string, version: string, instruction: string): string {
  return JSON.stringify([application, direction, version, instruction]);
}

/** A folder of appups is only asked for reasons: one that says nothing is as good as none. */
function reasonsIn(folder: string): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  let index: unknown;
  try {
    index = JSON.parse(readFileSync(join(folder, appupIndexFile), 'utf8'));
  } catch {
    return reasons;
  }
  for (const application of listAt(index, 'applications')) {
    for (const section of listAt(application, 'sections')) {
      for (const one of listAt(section, 'instructions')) {
        const key = reasonKey(
          textAt(application, 'name'),
          textAt(section, 'direction'),
          textAt(section, 'version'),
          textAt(one, 'instruction'),
        );
        reasons.set(key, textAt(one, 'reason'));
      }
    }
  }
  return reasons;
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const found: unknown =
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)?.[1]
      : undefined;
  return Array.isArray(found) ? found : [];
}

function textAt(value: unknown, key: string): string {
  const found: unknown =
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)?.[1]
      : undefined;
  return typeof found === 'string' ? found : '';
}
