import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Changes files below a folder, and takes all changes back. */
export class Journal {
  readonly #folder: string;
  readonly #undo: (() => void)[] = [];

  /** @param folder what the paths are relative to */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes a file, or replaces one. */
  write(path: string, content: string | Buffer): void {
    const file = this.#place(path);
    this.#keep(file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  append(path: string, text: string): void {
    this.write(path, Buffer.concat([readFileSync(this.#place(path)), Buffer.from(text)]));
  }

  /** A text that is not there is a mistake in the test. */
  replace(path: string, before: string, after: string): void {
    const text = readFileSync(this.#place(path), 'utf8');
    if (!text.includes(before)) throw new Error(`${path} has no ${before}`);
    this.write(path, text.replace(before, after));
  }

  /** One byte in the middle of a file. */
  flip(path: string): void {
    const bytes = readFileSync(this.#place(path));
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    this.write(path, bytes);
  }

  remove(path: string): void {
    const file = this.#place(path);
    this.#keep(file);
    rmSync(file, { recursive: true });
  }

  rename(path: string, to: string): void {
    const [from, target] = [this.#place(path), this.#place(to)];
    mkdirSync(dirname(target), { recursive: true });
    renameSync(from, target);
    this.#undo.push(() => renameSync(target, from));
  }

  mode(path: string, mode: number): void {
    const file = this.#place(path);
    const before = statSync(file).mode;
    chmodSync(file, mode);
    this.#undo.push(() => chmodSync(file, before));
  }

  folder(path: string): void {
    const folder = this.#place(path);
    mkdirSync(folder, { recursive: true });
    this.#undo.push(() => rmSync(folder, { recursive: true }));
  }

  link(path: string, target: string): void {
    const file = this.#place(path);
    this.#keep(file);
    symlinkSync(target, file);
  }

  /** Lets anything happen to a folder, which comes back as it is now. */
  protect(path: string): void {
    this.#keep(this.#place(path));
  }

  undo(): void {
    for (const step of this.#undo.splice(0).reverse()) step();
  }

  #place(path: string): string {
    return resolve(this.#folder, path);
  }

  #keep(file: string): void {
    const made = firstMissing(file);
    if (made !== undefined) {
      this.#undo.push(() => rmSync(made, { recursive: true, force: true }));
      return;
    }
    const kept = join(dirname(this.#folder), `kept-${process.pid}-${this.#undo.length}`);
    cpSync(file, kept, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    this.#undo.push(() => {
      rmSync(file, { recursive: true, force: true });
      renameSync(kept, file);
    });
  }
}

/** The uppermost of a path that is not there. */
function firstMissing(path: string): string | undefined {
  if (existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined) return undefined;
  return firstMissing(dirname(path)) ?? path;
}
