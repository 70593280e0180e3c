import { exitReason } from './explain-failure';
import type { InstalledScript, Origins } from './installed-relup';
import { printTerm } from '../erlang';
import type { Finding, InstructionOrigin, ProcessDescription, SuspendedProcess } from './model';
import { describe, processText, type SnapshotProcess } from './snapshot';
import { textOf } from './values';

type NodeEvent = Readonly<Record<string, unknown>>;

/** What the node told while release_handler was installing, at once: it may be the last that it told. */
export class InstallationRecord {
  readonly #instructions: { readonly index: number; readonly text: string; readonly at: number }[] = [];
  readonly #suspended: { readonly pid: string; readonly from: number; until?: number }[] = [];
  readonly #findings: Finding[] = [];
  /** The processes that were found, and asked to suspend. */
  readonly #found = new Set<string>();
  /** The modules whose code change was called. */
  readonly #changed = new Set<string>();
  #module = '';
  #asked: string | undefined;
  /** Microseconds of the node's clock, which may be negative. */
  #heard: number | undefined;

  constructor(
    private readonly script: InstalledScript | undefined,
    private readonly origins: Origins | undefined,
    private readonly processOf: (pid: string) => ProcessDescription,
  ) {}

  take(name: string, event: NodeEvent): void {
    const at = Number(event['at']);
    const pid = textOf(event, 'pid');
    this.#heard = at;
    switch (name) {
      case 'instruction':
        this.#instructions.push({ index: Number(event['index']), text: textOf(event, 'text'), at });
        break;
      case 'called':
        this.#module = textOf(event, 'module');
        this.#asked = pid;
        if (event['what'] === 'change_code') this.#changed.add(this.#module);
        if (event['what'] !== 'suspend') break;
        this.#found.add(pid);
        this.#suspended.push({ pid, from: at });
        break;
      case 'returned':
        this.#asked = undefined;
        if (event['what'] === 'resume') {
          for (const one of this.#suspended) if (one.pid === pid) one.until ??= at;
        }
        if (event['ok'] !== true) this.#failed(event, pid);
        break;
      case 'applied':
        if (event['failed'] === true) this.#appliedInVain(event);
        break;
      default:
    }
  }

  /** The instruction that was being carried out when the node was last heard of; undefined before the first. */
  get current(): InstructionOrigin | undefined {
    const last = this.#instructions.at(-1);
    if (last === undefined) return undefined;
    const origin = this.script === undefined ? undefined : this.origins?.of(this.script, last.index);
    return origin ?? { index: last.index, instruction: last.text };
  }

  /** The process that release_handler has asked for something, and that has not answered yet. */
  get waitsFor(): ProcessDescription | undefined {
    return this.#asked === undefined ? undefined : this.processOf(this.#asked);
  }

  /** Microseconds; 0 where nothing was heard. */
  get firstHeard(): number {
    return this.#instructions[0]?.at ?? 0;
  }

  get lastHeard(): number {
    return this.#heard ?? 0;
  }

  /** The one that follows it in the script: it may have been begun without a word. */
  get next(): string | undefined {
    const last = this.#instructions.at(-1);
    const term = this.script?.terms[last === undefined ? 0 : last.index + 1];
    return term === undefined ? undefined : printTerm(term);
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  instructions(end: number): { readonly instruction: string; readonly milliseconds: number }[] {
    return this.#instructions.map(({ text, at }, index) => ({
      instruction: text,
      milliseconds: milliseconds((this.#instructions[index + 1]?.at ?? end) - at),
    }));
  }

  /** @param end of the installation, for those that nobody has resumed */
  suspended(end: number): SuspendedProcess[] {
    return this.#suspended.map(({ pid, from, until }) => ({
      process: this.processOf(pid),
      milliseconds: milliseconds((until ?? end) - from),
    }));
  }

  /**
   * Modules whose code change was asked for and called in nobody, though processes run them.
   * @param processes as they were before
   */
  notCalled(processes: readonly SnapshotProcess[]): Finding[] {
    const instructions = this.script?.instructions ?? [];
    return instructions.flatMap((instruction, index) => {
      if (instruction.kind !== 'code_change') return [];
      return instruction.changes.flatMap(({ module }): Finding[] => {
        const running = processes.filter(({ initialCall }) => initialCall.startsWith(`${module}:`));
        const [process] = running;
        if (this.#changed.has(module) || process === undefined) return [];
        // Found, and asked in vain: that is a finding already.
        if (running.some(({ pid }) => this.#found.has(pid))) return [];
        const whole = describe(process);
        const origin = this.script === undefined ? undefined : this.origins?.of(this.script, index);
        return [
          {
            severity: 'error',
            code: 'code-change-not-called',
            module,
            process: whole,
            ...(origin !== undefined && { instruction: origin }),
            text: `code_change of ${module} was called in no process: release_handler finds none by the specifications of children, and ${processText(whole)} runs it.`,
          },
        ];
      });
    });
  }

  #failed(event: NodeEvent, pid: string): void {
    const reason = textOf(event, 'reason');
    const where = textOf(event, 'where');
    const state = textOf(event, 'state');
    const process: ProcessDescription = {
      ...this.processOf(pid),
      ...(where !== '' && { where }),
      ...(state !== '' && { state }),
      ...(typeof event['messages'] === 'number' && { messages: event['messages'] }),
    };
    const instruction = this.current;
    const common = {
      severity: 'error',
      term: reason,
      process,
      ...(instruction !== undefined && { instruction }),
    } as const;
    const who = processText(process);
    switch (event['what']) {
      case 'suspend': {
        this.#suspended.pop();
        if (reason.includes('noproc')) break;
        if (!reason.startsWith('{exit,{timeout,')) {
          this.#findings.push({
            ...common,
            code: 'process-gone',
            text: `${who} ended when it was asked to suspend, with the reason ${/^\{exit,\{(.*),\{sys,suspend,/s.exec(reason)?.[1] ?? reason}.`,
          });
          break;
        }
        this.#findings.push({
          ...common,
          code: 'not-suspended',
          text: `${who} was asked to suspend and did not answer in time (it is in ${where}); release_handler goes on without it. Its code_change is not called, and it meets the new code with the state of the old one.`,
        });
        break;
      }
      case 'change_code':
        this.#findings.push({
          ...common,
          code: 'code-change-failed',
          module: this.#module,
          text: `code_change of ${this.#module} failed in ${who}: ${codeChangeFailure(reason)}.${state === '' ? '' : ` Its state is ${state}.`}`,
        });
        break;
      default:
    }
  }

  #appliedInVain(event: NodeEvent): void {
    const instruction = this.current;
    this.#findings.push({
      severity: 'error',
      code: 'instruction-failed',
      term: textOf(event, 'value'),
      ...(instruction !== undefined && { instruction }),
      text: `${textOf(event, 'call')} gave ${textOf(event, 'value')}, which release_handler does not look at.`,
    });
  }
}

/** What `sys:change_code` gives where the callback does not give `{ok, State}`. */
function codeChangeFailure(reason: string): string {
  if (reason.includes("{'EXIT',")) return exitReason(reason);
  if (reason.startsWith('{exit,{timeout,')) return 'it took longer than release_handler waits for it';
  const returned = /^\{error,(.*)\}$/s.exec(reason)?.[1];
  return returned === undefined ? reason : `it gave ${returned}, and not {ok, State}`;
}

/** Of microseconds, with three digits. */
export function milliseconds(microseconds: number): number {
  return Math.round(microseconds) / 1000;
}
