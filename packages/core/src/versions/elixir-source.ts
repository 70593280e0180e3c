import type { Position } from '../error';
import { SourceText } from '../erlang/source-text';
import { elixirTokens, type ElixirToken } from './elixir-tokens';

/** Some of the tokens of a source, as offsets into its list of tokens; `to` is the one after the last. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export type StringToken = Extract<ElixirToken, { kind: 'string' }> & { readonly value: string };

/** An element of a list or tuple; `key` where it is `key: value`. */
export interface Entry {
  readonly key: string | undefined;
  readonly value: Stretch;
}

/** Deepest chain of attributes and functions that is followed. */
const maxSteps = 10;

/** An expression of more parts is no version and no list, and need not be read to its end. */
const maxParts = 1000;

/** An Elixir source in which lists, attributes and functions are looked up by what is written; nothing is evaluated. */
export class ElixirSource {
  readonly tokens: readonly ElixirToken[];
  private readonly source: SourceText;
  /** The closing token of each opening one: brackets, and the `end` of `do` and `fn`. */
  private readonly closings = new Map<number, number>();
  private readonly clauses = new Map<string, Stretch[]>();
  /** By name, what each definition of a module attribute says, in the order they stand. */
  private readonly attributes = new Map<string, Stretch[]>();

  /** @throws OtpError `mix-exs` */
  constructor(
    readonly text: string,
    readonly file: string,
  ) {
    this.source = SourceText.of(text, file);
    this.tokens = elixirTokens(text, file);
    this.pair(
      (token) => isPunctuation(token, '[', '{', '(', '<<'),
      (token) => isPunctuation(token, ']', '}', ')', '>>'),
    );
    this.pair(
      (token) => isName(token, 'do', 'fn'),
      (token) => isName(token, 'end'),
    );
    this.tokens.forEach((token, at) => {
      const next = this.tokens[at + 1];
      if (isName(token, 'def', 'defp') && next?.kind === 'name') {
        const body = this.bodyFrom(at + 2);
        if (body !== undefined) add(this.clauses, next.name, body);
      }
      // What stands in a line of its own is a definition, and else a use.
      if (token.kind === 'attribute' && token.startsLine) {
        add(this.attributes, token.name, this.expression(at + 1));
      }
    });
  }

  private pair(opens: (token: ElixirToken) => boolean, closes: (token: ElixirToken) => boolean): void {
    const open: number[] = [];
    this.tokens.forEach((token, at) => {
      if (opens(token)) open.push(at);
      else if (closes(token)) {
        const opening = open.pop();
        if (opening !== undefined) this.closings.set(opening, at);
      }
    });
  }

  /** Of an offset in the text. */
  positionAt(offset: number): Position {
    return this.source.position(offset);
  }

  /** The code of a stretch on one line. */
  code({ from, to }: Stretch): string {
    const start = this.tokens[from]?.start ?? 0;
    const code = this.text.slice(start, this.tokens[to - 1]?.end ?? start).replace(/\s+/g, ' ');
    return code.length > 60 ? `${code.slice(0, 57)}...` : code;
  }

  /** The bodies of the functions of this name that have no parameters: of each clause one. */
  functions(name: string): readonly Stretch[] {
    return this.clauses.get(name) ?? [];
  }

  /** The elements of the list or tuple that opens with this token; undefined where it has no end. */
  entries(opening: number): Entry[] | undefined {
    const end = this.closings.get(opening);
    if (end === undefined) return undefined;
    const found: Entry[] = [];
    let from = opening + 1;
    for (let at = from; at <= end; at++) {
      const token = this.tokens[at];
      if (at < end && !isPunctuation(token, ',')) {
        at = this.closings.get(at) ?? at;
        continue;
      }
      const first = this.tokens[from];
      if (at > from && first !== undefined) {
        found.push(
          first.kind === 'key'
            ? { key: first.name, value: { from: from + 1, to: at } }
            : { key: undefined, value: { from, to: at } },
        );
      }
      from = at + 1;
    }
    return found;
  }

  /** The lists that open in a stretch, outermost first. */
  lists({ from, to }: Stretch): number[] {
    return this.openings('[', from, to);
  }

  /** Every tuple of the source. */
  tuples(): number[] {
    return this.openings('{', 0, this.tokens.length);
  }

  /** The list that a value is, written out there or in a function or attribute that it names. */
  list(value: Stretch): number | undefined {
    const { from, to } = this.resolved(value);
    return isPunctuation(this.tokens[from], '[') && this.closings.get(from) === to - 1 ? from : undefined;
  }

  /** The string that a value is, likewise; undefined for what only a run of the code could tell. */
  string(value: Stretch): StringToken | undefined {
    const { from, to } = this.resolved(value);
    const token = this.tokens[from];
    return to === from + 1 && token?.kind === 'string' && token.value !== undefined
      ? { ...token, value: token.value }
      : undefined;
  }

  /** Where what a value says is written: of an attribute its definition, of a function without parameters its body. */
  private resolved(value: Stretch): Stretch {
    let place = value;
    for (let step = 0; step < maxSteps; step++) {
      const next = this.definition(place);
      if (next === undefined) break;
      place = next;
    }
    return place;
  }

  private definition({ from, to }: Stretch): Stretch | undefined {
    const token = this.tokens[from];
    if (token?.kind === 'attribute' && to === from + 1) return this.attribute(token.name, from);
    const isCall =
      to === from + 3 &&
      isPunctuation(this.tokens[from + 1], '(') &&
      isPunctuation(this.tokens[from + 2], ')');
    if (token?.kind !== 'name' || !(to === from + 1 || isCall)) return undefined;
    const [body, other] = this.functions(token.name);
    return other === undefined ? body : undefined;
  }

  /** What it was defined as last before its use. */
  private attribute(name: string, before: number): Stretch | undefined {
    const definitions = this.attributes.get(name) ?? [];
    for (let at = definitions.length - 1; at >= 0; at--) {
      const definition = definitions[at];
      if (definition !== undefined && definition.to <= before) return definition;
    }
    return undefined;
  }

  /** What follows the name of a function in its definition: parameters, and `do ... end` or `, do: ...`. */
  private bodyFrom(start: number): Stretch | undefined {
    const end = isPunctuation(this.tokens[start], '(') ? this.closings.get(start) : start - 1;
    if (end === undefined || end > start + 1) return undefined;
    const at = end + 1;
    const token = this.tokens[at];
    if (isName(token, 'do')) {
      const to = this.closings.get(at);
      return to === undefined ? undefined : { from: at + 1, to };
    }
    const key = this.tokens[at + 1];
    return isPunctuation(token, ',') && key?.kind === 'key' && key.name === 'do'
      ? this.expression(at + 2)
      : undefined;
  }

  /** An expression that starts with this token, to the end of a line outside of all brackets. */
  private expression(from: number): Stretch {
    let at = from;
    for (let part = 0; part < maxParts; part++) {
      at = (this.closings.get(at) ?? at) + 1;
      if (at >= this.tokens.length || this.endsExpression(at)) break;
    }
    return { from, to: at };
  }

  private endsExpression(at: number): boolean {
    const token = this.tokens[at];
    if (token === undefined || isPunctuation(token, ';', ',', ']', '}', ')') || isName(token, 'end'))
      return true;
    // A line that starts with an operator goes on with the one before.
    const before = this.tokens[at - 1];
    return token.startsLine && token.kind !== 'operator' && before?.kind !== 'operator';
  }

  private openings(text: string, from: number, to: number): number[] {
    const found: number[] = [];
    for (let at = from; at < to; at++) if (isPunctuation(this.tokens[at], text)) found.push(at);
    return found;
  }
}

export function isPunctuation(token: ElixirToken | undefined, ...texts: readonly string[]): boolean {
  return token?.kind === 'punctuation' && texts.includes(token.text);
}

function isName(token: ElixirToken | undefined, ...names: readonly string[]): boolean {
  return token?.kind === 'name' && names.includes(token.name);
}

function add(map: Map<string, Stretch[]>, name: string, stretch: Stretch): void {
  const known = map.get(name);
  if (known === undefined) map.set(name, [stretch]);
  else known.push(stretch);
}
