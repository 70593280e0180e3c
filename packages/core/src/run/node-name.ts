import { OtpError } from '../error';

/** What follows the first `-sname` or `-name` of an emulator's arguments, which is the one that counts. */
export function nodeNameIn(args: readonly string[]): string | undefined {
  const at = flagAt(args);
  return at < 0 ? undefined : args[at + 1];
}

/** The arguments of the same emulator under another name; long or short as it was, where `name` does not say it. */
export function withNodeName(args: readonly string[], name: string): string[] {
  const at = flagAt(args);
  const [, host = ''] = name.split('@');
  if (at < 0) return [host.includes('.') ? '-name' : '-sname', name, ...args];
  const [, hostBefore] = (args[at + 1] ?? '').split('@');
  const whole = host === '' && hostBefore !== undefined ? `${name}@${hostBefore}` : name;
  const flag = host === '' ? (args[at] ?? '') : host.includes('.') ? '-name' : '-sname';
  return [...args.slice(0, at), flag, whole, ...args.slice(at + 2)];
}

/** The text of a `vm.args` under another name. */
export function vmArgsWithNodeName(text: string, name: string): string {
  const line = /^([ \t]*)(-s?name)[ \t]+(\S+)/m;
  const found = line.exec(text);
  const [flag = '', whole = ''] = withNodeName(found === null ? [] : [found[2] ?? '', found[3] ?? ''], name);
  return found === null
    ? `${flag} ${whole}\n${text}`
    : text.replace(line, (_, indent: string) => `${indent}${flag} ${whole}`);
}

/** @throws OtpError `node-name` for what is no name of a node, `NAME` or `NAME@HOST` */
export function checkNodeName(name: string): void {
  if (/^[A-Za-z0-9_-]+(@[A-Za-z0-9_.-]+)?$/.test(name)) return;
  throw new OtpError(`expected the name of a node, NAME or NAME@HOST; found ${JSON.stringify(name)}.`, {
    code: 'node-name',
    fix: 'Give one of letters, digits, _ and -.',
  });
}

function flagAt(args: readonly string[]): number {
  return args.findIndex((arg) => arg === '-sname' || arg === '-name');
}
