import { findNodeAtLocation, getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { OtpError } from '@nx-otp/core';

const file = 'nx.json';

/**
 * The text of an `nx.json` that names a plugin. Comments, layout and the other plugins stay what they are.
 * @param text undefined where there is no such file
 * @returns the same text where the plugin is named already, as a string or with options
 * @throws OtpError `nx-json` for a file that is not to be understood
 */
export function withPlugin(text: string | undefined, plugin: string): string {
  if (text === undefined || text.trim() === '') {
    return `${JSON.stringify({ plugins: [plugin] }, undefined, 2)}\n`;
  }
  const root = parsed(text);
  const plugins = findNodeAtLocation(root, ['plugins']);
  if (plugins === undefined) return withEntry(text, root, `"plugins": [${JSON.stringify(plugin)}]`);
  if (plugins.type !== 'array') throw new OtpError('plugins must be a list.', { code: 'nx-json', file });
  const named = (plugins.children ?? []).some((entry) => nameOf(getNodeValue(entry)) === plugin);
  return named ? text : withEntry(text, plugins, JSON.stringify(plugin));
}

/** An entry after the last one of an object or a list, on a line of its own where that one has one. */
function withEntry(text: string, parent: Node, entry: string): string {
  const last = parent.children?.at(-1);
  if (last === undefined) {
    const inside = parent.offset + 1;
    return `${text.slice(0, inside)}${parent.type === 'object' ? ` ${entry} ` : entry}${text.slice(inside)}`;
  }
  const line = /(?:^|\r?\n)[ \t]*$/.exec(text.slice(0, last.offset))?.[0];
  const end = last.offset + last.length;
  return `${text.slice(0, end)},${line ?? ' '}${entry}${text.slice(end)}`;
}

function parsed(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length === 0 && root?.type === 'object') return root;
  throw new OtpError('it is not a JSON object.', {
    code: 'nx-json',
    file,
    fix: 'Mend it first: Nx itself cannot read it.',
  });
}

function nameOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'plugin' in entry ? entry.plugin : entry;
}
