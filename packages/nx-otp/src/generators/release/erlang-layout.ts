/** As erlfmt breaks lines. */
const width = 100;

/**
 * A term that ends in a list of names, on one line where it fits, else with a name on each.
 * @param before what stands on the line before the list
 * @param indent of that line, in spaces
 */
export function listAfter(
  before: string,
  names: readonly string[],
  after: string,
  { open = '[', close = ']', indent = 0 }: { open?: string; close?: string; indent?: number } = {},
): string {
  const line = `${before}${open}${names.join(', ')}${close}${after}`;
  const margin = ' '.repeat(indent);
  if (margin.length + line.length <= width) return margin + line;
  const lines = names.map((name) => `${margin}    ${name}`).join(',\n');
  return `${margin}${before}${open}\n${lines}\n${margin}${close}${after}`;
}
