import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Flags that give a node a name and company, or a life of its own, with the values that follow them. */
const companyFlags: readonly string[] = ['-name', '-sname', '-setcookie', '-remsh', '-hidden', '-detached'];

/**
 * The arguments in the text of a `vm.args`, as `read_args_file` of `erlexec.c` takes them apart: blanks separate them,
 * `#` starts a comment, a backslash takes the next character as it is, and both kinds of quotes hold one together.
 */
export function parseVmArgs(text: string): string[] {
  const args: string[] = [];
  let current: string | undefined;
  const take = (characters: string): void => {
    current = (current ?? '') + characters;
  };
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else take(character === '\\' && quote === '"' ? text.charAt(++at) : character);
    } else if (character === '\\') {
      take(text.charAt(++at));
    } else if (character === '"' || character === "'") {
      quote = character;
      take('');
    } else if (/\s/.test(character)) {
      if (current !== undefined) args.push(current);
      current = undefined;
    } else if (character === '#') {
      if (current !== undefined) args.push(current);
      current = undefined;
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end;
    } else {
      take(character);
    }
  }
  if (current !== undefined) args.push(current);
  return args;
}

/**
 * The arguments of a `vm.args`, those of the files that it names by `-args_file` in their place.
 * @param folder what the paths of those files are relative to: the node's working directory
 */
export function readVmArgs(text: string, folder: string, depth = 0): string[] {
  const args = parseVmArgs(text);
  return args.flatMap((arg, at) => {
    if (args[at - 1] === '-args_file') return [];
    if (arg !== '-args_file') return [arg];
    const file = args[at + 1];
    if (file === undefined || depth > 8) return [];
    return readVmArgs(readFileSync(resolve(folder, file), 'utf8'), folder, depth + 1);
  });
}

/** Without a name, a cookie, and what detaches the node from whoever starts it. */
export function withoutDistribution(args: readonly string[]): string[] {
  return withoutFlags(args, companyFlags);
}

/** Without the heart that would start the node again. */
export function withoutHeart(args: readonly string[]): string[] {
  return withoutFlags(args, ['-heart']);
}

function withoutFlags(args: readonly string[], flags: readonly string[]): string[] {
  let dropping = false;
  return args.filter((arg) => {
    if (arg.startsWith('-') || arg.startsWith('+')) dropping = flags.includes(arg);
    return !dropping;
  });
}
