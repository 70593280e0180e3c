import { hostname } from 'node:os';
import { OtpError, type Position } from '../error';
import { isAtom, listElements, stringValue, tupleOf, type Term } from '../erlang';

/** What a variable stands for: text, or for a `{{#section}}` a truth or the variables of each turn. */
export type OverlayValue = string | boolean | readonly OverlayVariables[];
export type OverlayVariables = ReadonlyMap<string, OverlayValue>;

/** The file, and where known the place in it, that messages name. */
export interface TemplateOrigin {
  readonly file: string;
  readonly position?: Position;
}

/**
 * Fills in a template as rebar's mustache does: `{{name}}` and `{{{name}}}` (nothing is escaped in either), comments
 * `{{! ...}}`, and sections `{{#name}}...{{/name}}` for a value that is true, false or a list. `{{hostname}}` is the name
 * of this machine. Braces around anything else, such as Erlang's `[{{a, b}, c}]`, stay as they are.
 * @throws OtpError `template-variable` with the line of a variable that has no value, where rebar writes nothing.
 */
export function renderTemplate(
  template: string,
  variables: OverlayVariables,
  origin: TemplateOrigin,
): string {
  return render(template, 0, template.length, { template, variables, origin });
}

interface Rendering {
  readonly template: string;
  readonly variables: OverlayVariables;
  readonly origin: TemplateOrigin;
}

const tag =
  /\{\{(?:\{\s*(?<raw>[A-Za-z_][\w.-]*)\s*\}\}\}|!(?<comment>[^}]*)\}\}|(?<section>[#/]?)\s*(?<name>[A-Za-z_][\w.-]*)\s*\}\})/g;

function render(template: string, from: number, to: number, context: Rendering): string {
  const parts: string[] = [];
  let at = from;
  const tags = new RegExp(tag);
  while (at < to) {
    tags.lastIndex = at;
    const found = tags.exec(template);
    if (found === null || found.index >= to) break;
    parts.push(template.slice(at, found.index));
    at = found.index + found[0].length;
    const groups = found.groups ?? {};
    const name = groups.raw ?? groups.name;
    if (name === undefined) continue;
    if (groups.section === '#') {
      const end = endOfSection(template, at, to, name, found.index, context);
      parts.push(renderSection(name, at, end.from, found.index, context));
      at = end.to;
    } else if (groups.section === '/') {
      throw wrong(`{{/${name}}} ends a section that does not begin.`, found.index, context);
    } else {
      parts.push(textOf(name, found.index, context));
    }
  }
  parts.push(template.slice(at, to));
  return parts.join('');
}

function renderSection(name: string, from: number, to: number, index: number, context: Rendering): string {
  const value = valueOf(name, index, context);
  const turns =
    typeof value === 'object'
      ? value
      : value === true || value === 'true'
        ? [new Map<string, OverlayValue>()]
        : undefined;
  if (turns === undefined) {
    if (value === false || value === 'false' || value === '') return '';
    throw wrong(
      `{{#${name}}} needs a value that is true, false or {list, [...]}, and it is ${JSON.stringify(value)}.`,
      index,
      context,
    );
  }
  return turns
    .map((turn) =>
      render(context.template, from, to, { ...context, variables: new Map([...context.variables, ...turn]) }),
    )
    .join('');
}

/** Where the content of a section ends, and where the text goes on. */
function endOfSection(
  template: string,
  from: number,
  to: number,
  name: string,
  index: number,
  context: Rendering,
): { from: number; to: number } {
  let depth = 1;
  for (const found of template.slice(from, to).matchAll(tag)) {
    if (found.groups?.name !== name) continue;
    if (found.groups.section === '#') depth++;
    if (found.groups.section === '/') depth--;
    if (depth === 0) return { from: from + found.index, to: from + found.index + found[0].length };
  }
  throw wrong(`the section {{#${name}}} does not end: {{/${name}}} is missing.`, index, context);
}

function textOf(name: string, index: number, context: Rendering): string {
  const value = valueOf(name, index, context);
  if (typeof value === 'object')
    throw wrong(`{{${name}}} is a list: use it as a section, {{#${name}}}...{{/${name}}}.`, index, context);
  return String(value);
}

function valueOf(name: string, index: number, context: Rendering): OverlayValue {
  const value = context.variables.get(name);
  if (value !== undefined) return value;
  if (name === 'hostname') return hostname();
  const known = [...context.variables.keys(), 'hostname'].sort().join(', ');
  throw wrong(
    `{{${name}}} has no value; there are ${known}.`,
    index,
    context,
    'Add it to the file that overlay_vars names.',
  );
}

function wrong(problem: string, index: number, { template, origin }: Rendering, fix?: string): OtpError {
  const before = template.slice(0, index).split('\n');
  return new OtpError(problem, {
    code: 'template-variable',
    file: origin.file,
    position: origin.position ?? { line: before.length, column: (before.at(-1) ?? '').length + 1 },
    ...(fix !== undefined && { fix }),
  });
}

/**
 * The value of a variable in an `overlay_vars` file: a string, an atom, a number, a binary, or
 * `{list, [[{Key, Value}]]}`; undefined for any other term.
 */
export function overlayValue(term: Term): OverlayValue | undefined {
  const turns = tupleOf(term, 'list', 2)?.elements[1];
  if (turns !== undefined) {
    const maps = (listElements(turns) ?? []).map((turn) => overlayVariables(listElements(turn) ?? []));
    return maps.every((variables) => variables !== undefined) ? maps : undefined;
  }
  if (isAtom(term)) return term.name === 'true' ? true : term.name === 'false' ? false : term.name;
  if (term.kind === 'integer') return String(term.value);
  // rebar_mustache:to_s/1 writes floats with two decimals.
  if (term.kind === 'float') return term.value.toFixed(2);
  if (term.kind === 'binary') return new TextDecoder().decode(term.bytes);
  return stringValue(term);
}

function overlayVariables(terms: readonly Term[]): OverlayVariables | undefined {
  const variables = new Map<string, OverlayValue>();
  for (const term of terms) {
    const [key, value] = tupleOf(term, undefined, 2)?.elements ?? [];
    const read = value && overlayValue(value);
    if (key === undefined || !isAtom(key) || read === undefined) return undefined;
    variables.set(key.name, read);
  }
  return variables;
}
