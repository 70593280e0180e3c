import { atom, atomName, isAtom, listElements, type Term } from '../../erlang';
import {
  block,
  type Clause,
  type Expression,
  type FunctionCode,
  literal,
  maxExpressionDepth,
  type ModuleCode,
  opaque,
  type Qualifier,
  wildcard,
} from './expression';

/**
 * Reads the definitions of an `elixir_v1` map: `{{Name, Arity}, Kind, Meta, [{Meta, Args, Guards, Body}]}`, whose code
 * is Elixir's quoted form after the expansion of macros. What is not understood becomes `opaque`.
 */
export function readElixirCode(module: string, debugMap: Term): ModuleCode {
  return new QuotedReader().read(module, items(keyword(debugMap, 'definitions')));
}

class QuotedReader {
  readonly #used = new Set<string>();
  #depth = 0;
  #isTruncated = false;

  read(module: string, definitions: readonly Term[]): ModuleCode {
    const functions = new Map<string, FunctionCode>();
    for (const definition of definitions) {
      const [signature, kind, meta, clauses] = elements(definition);
      const [name, arity] = elements(signature);
      if (
        name?.kind !== 'atom' ||
        arity?.kind !== 'integer' ||
        !(isName(kind, 'def') || isName(kind, 'defp'))
      ) {
        continue;
      }
      functions.set(`${name.name}/${arity.value}`, {
        name: name.name,
        arity: Number(arity.value),
        clauses: items(clauses).map((clause): Clause => {
          const [, args, guards, body] = elements(clause);
          return {
            patterns: items(args).map((arg) => this.#expression(arg)),
            guards: items(guards).map((guard) => [this.#expression(guard)]),
            body: this.#expression(body),
          };
        }),
        fromMacro: keyword(meta, 'context') !== undefined,
      });
    }
    return { module, functions, usedRecords: this.#used, isTruncated: this.#isTruncated };
  }

  #expression(term: Term | undefined): Expression {
    if (this.#depth >= maxExpressionDepth) {
      this.#isTruncated = true;
      return opaque('deeply nested code');
    }
    this.#depth++;
    try {
      return this.#read(term);
    } finally {
      this.#depth--;
    }
  }

  #expressions(terms: Term | undefined): Expression[] {
    return items(terms).map((term) => this.#expression(term));
  }

  #read(term: Term | undefined): Expression {
    if (term === undefined) return opaque('code of an unknown form');
    switch (term.kind) {
      case 'list':
        return this.#list(term.elements);
      case 'tuple': {
        const [first, second, third] = term.elements;
        if (first !== undefined && second !== undefined && term.elements.length === 2) {
          return { kind: 'tuple', elements: [this.#expression(first), this.#expression(second)] };
        }
        if (first === undefined || third === undefined || term.elements.length !== 3) {
          return opaque('code of an unknown form');
        }
        if (third.kind === 'atom') return variable(first, second, third);
        return this.#node(first, second, third);
      }
      default:
        return literal(term);
    }
  }

  /** `[a, b | rest]` has `{:|, _, [b, rest]}` as its last element. */
  #list(listed: readonly Term[]): Expression {
    const last = listed.at(-1);
    const [bar, , pair] = elements(last);
    const [head, tail] = items(pair);
    if (isName(bar, '|') && head !== undefined && tail !== undefined) {
      return {
        kind: 'list',
        elements: [...listed.slice(0, -1), head].map((element) => this.#expression(element)),
        tail: this.#expression(tail),
      };
    }
    return { kind: 'list', elements: listed.map((element) => this.#expression(element)), tail: undefined };
  }

  /** `{Head, Meta, Args}`: a special form, a local call, or a call of what `{:., _, [...]}` names. */
  #node(head: Term, meta: Term | undefined, args: Term): Expression {
    if (head.kind !== 'atom') return this.#remote(head, meta, args);
    const [one, two] = items(args);
    switch (head.name) {
      case '{}':
        return { kind: 'tuple', elements: this.#expressions(args) };
      case '%{}':
        return this.#map(args);
      case '%':
        return this.#struct(one, two);
      case '__block__':
        return block(this.#expressions(args));
      case '=':
        return { kind: 'match', pattern: this.#expression(one), value: this.#expression(two) };
      case '^': {
        const pinned = this.#expression(one);
        return pinned.kind === 'variable' ? { kind: 'pinned', name: pinned.name } : opaque('a pin', [pinned]);
      }
      case 'case':
        return { kind: 'case', subject: this.#expression(one), clauses: this.#clauses(keyword(two, 'do')) };
      case 'cond':
        return { kind: 'case', subject: undefined, clauses: this.#conditions(keyword(one, 'do')) };
      case 'receive': {
        const clauses = this.#clauses(keyword(one, 'do'));
        const late = this.#clauses(keyword(one, 'after'));
        return {
          kind: 'case',
          subject: opaque(
            'receive',
            late.flatMap(({ patterns }) => patterns),
          ),
          clauses: [...clauses, ...late.map((clause) => ({ ...clause, patterns: [wildcard] }))],
        };
      }
      case 'try':
        return this.#try(one);
      case 'fn':
        return { kind: 'fun', clauses: this.#clauses(args) };
      case '&':
        return this.#capture(one);
      case 'for':
        return this.#comprehension(items(args));
      case 'with':
        return this.#with(items(args));
      case '<<>>':
        return opaque('a binary', this.#expressions(args));
      case '::':
        // In a binary: what follows is its type.
        return this.#expression(one);
      case 'super': {
        const [, name] = elements(keyword(meta, 'super'));
        return {
          kind: 'local-call',
          name: name?.kind === 'atom' ? name.name : 'super',
          args: this.#expressions(args),
        };
      }
      default:
        return { kind: 'local-call', name: head.name, args: this.#expressions(args) };
    }
  }

  #remote(head: Term, meta: Term | undefined, args: Term): Expression {
    const [dot, , called] = elements(head);
    const [module, name] = items(called);
    const given = this.#expressions(args);
    if (!isName(dot, '.') || module === undefined) return opaque('code of an unknown form', given);
    if (name === undefined) return { kind: 'fun-call', fun: this.#expression(module), args: given };
    const target = this.#expression(module);
    // `state.name` is the field of a map; `module.name()` a call.
    if (target.kind !== 'literal' && keyword(meta, 'no_parens') !== undefined)
      return opaque('a field', [target]);
    if (isName(name, 'andalso') || isName(name, 'orelse')) return opaque('a condition', given);
    return { kind: 'remote-call', module: target, name: literal(name), args: given };
  }

  #map(args: Term): Expression {
    const [only] = items(args);
    const [bar, , pair] = elements(only);
    if (isName(bar, '|')) {
      const [base, entries] = items(pair);
      return { kind: 'map', base: this.#expression(base), entries: this.#entries(items(entries)) };
    }
    return { kind: 'map', base: undefined, entries: this.#entries(items(args)) };
  }

  #entries(pairs: readonly Term[]): (readonly [Expression, Expression])[] {
    return pairs.map((pair) => {
      const [key, value] = elements(pair);
      if (isName(key, '__struct__')) this.#use(value);
      return [this.#expression(key), this.#expression(value)];
    });
  }

  #use(struct: Term | undefined): void {
    // Of `%name{}` only the running program knows the module.
    const name = struct === undefined ? undefined : atomName(struct);
    if (name !== undefined && name !== 'nil') this.#used.add(name);
  }

  #struct(name: Term | undefined, content: Term | undefined): Expression {
    this.#use(name);
    const map = this.#expression(content);
    if (map.kind !== 'map') return opaque('a struct', [map]);
    return {
      ...map,
      entries: [...map.entries, [literal(atom('__struct__')), this.#expression(name)]],
    };
  }

  /** `{:->, _, [Patterns, Body]}`, where guards are `[{:when, _, [Pattern..., Guard]}]`. */
  #clauses(terms: Term | undefined): Clause[] {
    return items(terms).map((term): Clause => {
      const [, , parts] = elements(term);
      const [head, body] = items(parts);
      const listed = items(head);
      const [when, , guarded] = elements(listed[0]);
      const patterns = isName(when, 'when') ? items(guarded) : listed;
      const guard = isName(when, 'when') ? patterns.at(-1) : undefined;
      return {
        patterns: (guard === undefined ? patterns : patterns.slice(0, -1)).map((part) =>
          this.#expression(part),
        ),
        guards: guard === undefined ? [] : [[this.#expression(guard)]],
        body: this.#expression(body),
      };
    });
  }

  #conditions(terms: Term | undefined): Clause[] {
    return this.#clauses(terms).map(({ patterns, body }) => ({ patterns: [], guards: [patterns], body }));
  }

  #try(sections: Term | undefined): Expression {
    const handlers = ['rescue', 'catch'].flatMap((name) => this.#clauses(keyword(sections, name)));
    const after = keyword(sections, 'after');
    return {
      kind: 'try',
      body: this.#expression(keyword(sections, 'do')),
      clauses: this.#clauses(keyword(sections, 'else')),
      handlers: handlers.map((handler) => ({
        ...handler,
        patterns: [opaque('a handler', handler.patterns)],
      })),
      after: after === undefined ? block([]) : this.#expression(after),
    };
  }

  /** `&Mod.fun/1` and `&fun/1`; others are expanded to `fn` before. */
  #capture(term: Term | undefined): Expression {
    const [slash, , parts] = elements(term);
    const [called, arity] = items(parts);
    const function_ = called === undefined ? undefined : this.#expression(called);
    if (isName(slash, '/') && arity?.kind === 'integer') {
      if (function_?.kind === 'remote-call') {
        return {
          kind: 'fun-reference',
          module: function_.module,
          name: function_.name,
          arity: Number(arity.value),
        };
      }
      const name = elements(called)[0];
      if (name?.kind === 'atom') {
        return { kind: 'fun-reference', module: undefined, name: literal(name), arity: Number(arity.value) };
      }
    }
    return opaque('a capture', [this.#expression(term)]);
  }

  #comprehension(args: readonly Term[]): Expression {
    const options = args.at(-1);
    const result = this.#expression(keyword(options, 'do'));
    const qualifiers = args.slice(0, -1).map((term): Qualifier => {
      const [arrow, , parts] = elements(term);
      const [pattern, list] = items(parts);
      if (isName(arrow, '<-')) {
        return { kind: 'generator', pattern: this.#expression(pattern), list: this.#expression(list) };
      }
      return { kind: 'filter', condition: this.#expression(term) };
    });
    const comprehension: Expression = { kind: 'comprehension', result, qualifiers };
    const others = ['into', 'reduce', 'uniq'].flatMap((name) => keyword(options, name) ?? []);
    if (others.length === 0) return comprehension;
    return opaque('a comprehension', [comprehension, ...others.map((option) => this.#expression(option))]);
  }

  #with(args: readonly Term[]): Expression {
    const options = args.at(-1);
    const steps = args.slice(0, -1).map((term): Expression => {
      const [arrow, , parts] = elements(term);
      const [pattern, value] = items(parts);
      return isName(arrow, '<-')
        ? { kind: 'tuple', elements: [this.#expression(pattern), this.#expression(value)] }
        : this.#expression(term);
    });
    const others: Expression = {
      kind: 'case',
      subject: opaque('with'),
      clauses: this.#clauses(keyword(options, 'else')),
    };
    return opaque('with', [...steps, this.#expression(keyword(options, 'do')), others]);
  }
}

/** `{Name, Meta, Context}`; `version` in the meta tells rebindings apart (`counter` before Elixir 1.7). */
function variable(name: Term, meta: Term | undefined, context: Term): Expression {
  if (name.kind !== 'atom') return opaque('code of an unknown form');
  if (name.name === '_') return wildcard;
  const version = keyword(meta, 'version') ?? keyword(meta, 'counter');
  const number = version?.kind === 'integer' ? version.value.toString() : (atomName(context) ?? '');
  return { kind: 'variable', name: `${name.name}@${number}` };
}

/** The value of an atom key in a map or in a list of pairs. */
function keyword(term: Term | undefined, key: string): Term | undefined {
  if (term?.kind === 'map') return term.entries.find(([name]) => isAtom(name, key))?.[1];
  for (const pair of items(term)) {
    const [name, value] = elements(pair);
    if (isName(name, key)) return value;
  }
  return undefined;
}

function elements(term: Term | undefined): readonly Term[] {
  return term?.kind === 'tuple' ? term.elements : [];
}

function items(term: Term | undefined): readonly Term[] {
  return term === undefined ? [] : (listElements(term) ?? []);
}

function isName(term: Term | undefined, name: string): boolean {
  return term?.kind === 'atom' && term.name === name;
}
