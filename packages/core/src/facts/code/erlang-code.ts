import {
  atom,
  atomName,
  binary,
  codePoints,
  integer,
  listElements,
  nil,
  stringValue,
  type Term,
} from '../../erlang';
import {
  block,
  type Clause,
  type Expression,
  type FunctionCode,
  literal,
  maxDefaults,
  maxExpressionDepth,
  type ModuleCode,
  opaque,
  type Qualifier,
  wildcard,
} from './expression';

/** Reads abstract forms (`erl_parse`'s, as the compiler stores them). What is not understood becomes `opaque`. */
export function readErlangCode(module: string, forms: Term): ModuleCode {
  const reader = new FormsReader(listElements(forms) ?? []);
  return reader.read(module);
}

interface RecordField {
  readonly name: string;
  readonly value: Term | undefined;
}

class FormsReader {
  readonly #records = new Map<string, readonly RecordField[]>();
  readonly #used = new Set<string>();
  #depth = 0;
  #defaults = 0;
  #isTruncated = false;

  constructor(readonly forms: readonly Term[]) {}

  read(module: string): ModuleCode {
    const functions = new Map<string, FunctionCode>();
    // A record is defined before it is used, but a default may use one that stands anywhere before it.
    for (const form of this.forms) this.#readRecord(form);
    for (const form of this.forms) {
      const [tag, , name, arity, clauses] = elements(form);
      if (!isTag(tag, 'function') || name?.kind !== 'atom' || arity?.kind !== 'integer') continue;
      functions.set(`${name.name}/${arity.value}`, {
        name: name.name,
        arity: Number(arity.value),
        clauses: this.#clauses(clauses),
        fromMacro: false,
      });
    }
    return { module, functions, usedRecords: this.#used, isTruncated: this.#isTruncated };
  }

  #readRecord(form: Term): void {
    const [tag, , kind, definition] = elements(form);
    if (!isTag(tag, 'attribute') || !isTag(kind, 'record')) return;
    const [name, fields] = elements(definition);
    if (name?.kind !== 'atom') return;
    this.#records.set(
      name.name,
      items(fields).map((field): RecordField => {
        const [fieldTag, inner] = elements(field);
        const [, , fieldName, value] = elements(isTag(fieldTag, 'typed_record_field') ? inner : field);
        return { name: atomOf(fieldName) ?? '', value };
      }),
    );
  }

  #expressions(terms: Term | undefined): Expression[] {
    return items(terms).map((term) => this.#expression(term));
  }

  #body(terms: Term | undefined): Expression {
    return block(this.#expressions(terms));
  }

  #clauses(terms: Term | undefined): Clause[] {
    return items(terms).map((term) => {
      const [, , patterns, guards, body] = elements(term);
      return {
        patterns: items(patterns).map((pattern) => this.#expression(pattern, true)),
        guards: items(guards).map((tests) => this.#expressions(tests)),
        body: this.#body(body),
      };
    });
  }

  #expression(term: Term | undefined, isPattern = false): Expression {
    if (this.#depth >= maxExpressionDepth) {
      this.#isTruncated = true;
      return opaque('deeply nested code');
    }
    this.#depth++;
    try {
      return this.#read(term, isPattern);
    } finally {
      this.#depth--;
    }
  }

  #read(term: Term | undefined, isPattern: boolean): Expression {
    const [tag, , one, two, three, four] = elements(term);
    const of = (part: Term | undefined): Expression => this.#expression(part, isPattern);
    switch (tag === undefined ? undefined : atomName(tag)) {
      case 'atom':
      case 'integer':
      case 'char':
      case 'float':
        return one === undefined ? opaque('a literal') : literal(one);
      case 'string':
        return one === undefined ? opaque('a string') : literal(one);
      case 'nil':
        return literal(nil);
      case 'var':
        return { kind: 'variable', name: atomOf(one) ?? '_' };
      case 'bin':
        return this.#binary(one);
      case 'tuple':
        return { kind: 'tuple', elements: items(one).map(of) };
      case 'cons':
        return this.#list(term, isPattern);
      case 'map':
        return two === undefined
          ? { kind: 'map', base: undefined, entries: this.#mapEntries(one, isPattern) }
          : { kind: 'map', base: of(one), entries: this.#mapEntries(two, isPattern) };
      case 'record':
        return three === undefined
          ? this.#record(one, two, isPattern)
          : this.#recordUpdate(of(one), two, three);
      case 'record_field':
        this.#use(two);
        return opaque('a record field', [of(one)]);
      case 'record_index':
        return this.#recordIndex(one, two);
      case 'call':
        return this.#call(one, two);
      case 'match':
        return { kind: 'match', pattern: this.#expression(one, true), value: of(two) };
      case 'block':
        return this.#body(one);
      case 'if':
        return { kind: 'case', subject: undefined, clauses: this.#clauses(one) };
      case 'case':
        return { kind: 'case', subject: of(one), clauses: this.#clauses(two) };
      case 'receive':
        return this.#receive(one, two, three);
      case 'try':
        return {
          kind: 'try',
          body: this.#body(one),
          clauses: this.#clauses(two),
          handlers: this.#clauses(three),
          after: this.#body(four),
        };
      case 'catch':
        return {
          kind: 'try',
          body: of(one),
          clauses: [],
          handlers: [{ patterns: [wildcard], guards: [], body: opaque('a caught error') }],
          after: block([]),
        };
      case 'fun':
        return this.#fun(one);
      case 'named_fun':
        return { kind: 'fun', clauses: this.#clauses(two) };
      case 'lc':
        return { kind: 'comprehension', result: of(one), qualifiers: this.#qualifiers(two) };
      case 'bc':
      case 'mc':
        return opaque('a comprehension', [
          { kind: 'comprehension', result: of(one), qualifiers: this.#qualifiers(two) },
        ]);
      case 'map_field_assoc':
        return { kind: 'tuple', elements: [of(one), of(two)] };
      case 'op':
        return this.#operator(
          one,
          [two, three].flatMap((operand) => (operand === undefined ? [] : [of(operand)])),
        );
      case 'maybe':
        return opaque('maybe', [this.#body(one), ...this.#elseClauses(two)]);
      case 'maybe_match':
        return { kind: 'match', pattern: this.#expression(one, true), value: of(two) };
      default:
        // A later form, or none: what it holds may still be forms.
        return opaque('code of an unknown form', this.#formsWithin(term));
    }
  }

  /** Calls and the like inside a form that is not known, so that they are not missed. */
  #formsWithin(term: Term | undefined): Expression[] {
    return elements(term)
      .slice(2)
      .flatMap((part) => (part.kind === 'tuple' ? [this.#expression(part)] : this.#expressions(part)));
  }

  /** A list is a chain of `cons`, as long as the list: it must not count as nesting. */
  #list(term: Term | undefined, isPattern: boolean): Expression {
    const listed: Expression[] = [];
    let rest = term;
    for (;;) {
      const [tag, , head, tail] = elements(rest);
      if (isTag(tag, 'nil')) return { kind: 'list', elements: listed, tail: undefined };
      if (!isTag(tag, 'cons')) {
        return { kind: 'list', elements: listed, tail: this.#expression(rest, isPattern) };
      }
      listed.push(this.#expression(head, isPattern));
      rest = tail;
    }
  }

  #mapEntries(fields: Term | undefined, isPattern: boolean): (readonly [Expression, Expression])[] {
    return items(fields).map((field) => {
      const [, , key, value] = elements(field);
      return [this.#expression(key), this.#expression(value, isPattern)];
    });
  }

  #use(name: Term | undefined): void {
    const record = atomOf(name);
    if (record !== undefined) this.#used.add(record);
  }

  #record(nameTerm: Term | undefined, given: Term | undefined, isPattern: boolean): Expression {
    this.#use(nameTerm);
    const name = atomOf(nameTerm);
    const fields = name === undefined ? undefined : this.#records.get(name);
    if (name === undefined || fields === undefined) return opaque('an undefined record');
    const values = this.#recordValues(given, isPattern);
    const rest = values.get('_');
    return {
      kind: 'tuple',
      elements: [
        literal(atom(name)),
        ...fields.map((field): Expression => {
          const value = values.get(field.name) ?? rest;
          if (value !== undefined) return value;
          if (isPattern) return wildcard;
          return field.value === undefined ? literal(atom('undefined')) : this.#default(field.value);
        }),
      ],
    };
  }

  #default(value: Term): Expression {
    if (this.#defaults >= maxDefaults) {
      this.#isTruncated = true;
      return opaque('defaults of records without end');
    }
    this.#defaults++;
    return this.#expression(value);
  }

  #recordUpdate(base: Expression, nameTerm: Term | undefined, given: Term): Expression {
    this.#use(nameTerm);
    const name = atomOf(nameTerm);
    const fields = name === undefined ? undefined : this.#records.get(name);
    if (name === undefined || fields === undefined) return opaque('an undefined record', [base]);
    const updated = new Map<number, Expression>();
    for (const [field, value] of this.#recordValues(given, false)) {
      updated.set(fields.findIndex((candidate) => candidate.name === field) + 1, value);
    }
    return { kind: 'record-update', base, name, size: fields.length + 1, fields: updated };
  }

  #recordValues(given: Term | undefined, isPattern: boolean): Map<string, Expression> {
    const values = new Map<string, Expression>();
    for (const field of items(given)) {
      const [, , name, value] = elements(field);
      const [, , fieldName] = elements(name);
      values.set(atomOf(fieldName) ?? '_', this.#expression(value, isPattern));
    }
    return values;
  }

  #recordIndex(nameTerm: Term | undefined, field: Term | undefined): Expression {
    this.#use(nameTerm);
    const [, , fieldName] = elements(field);
    const fields = this.#records.get(atomOf(nameTerm) ?? '');
    const at = fields?.findIndex(({ name }) => name === atomOf(fieldName)) ?? -1;
    return at < 0 ? opaque('an undefined record') : literal(integer(at + 2));
  }

  #call(called: Term | undefined, given: Term | undefined): Expression {
    const args = this.#expressions(given);
    const [tag, , one, two] = elements(called);
    const isRecord = elements(isTag(tag, 'remote') ? two : called)[2];
    if (isTag(isRecord, 'is_record')) {
      const [argTag, , record] = elements(items(given)[1]);
      if (isTag(argTag, 'atom')) this.#use(record);
    }
    if (isTag(tag, 'remote')) {
      return { kind: 'remote-call', module: this.#expression(one), name: this.#expression(two), args };
    }
    const name = isTag(tag, 'atom') ? atomOf(one) : undefined;
    return name === undefined
      ? { kind: 'fun-call', fun: this.#expression(called), args }
      : { kind: 'local-call', name, args };
  }

  #receive(clauses: Term | undefined, timeout: Term | undefined, after: Term | undefined): Expression {
    const late: Clause[] =
      after === undefined ? [] : [{ patterns: [wildcard], guards: [], body: this.#body(after) }];
    const subject = opaque('receive', timeout === undefined ? [] : [this.#expression(timeout)]);
    return { kind: 'case', subject, clauses: [...this.#clauses(clauses), ...late] };
  }

  #fun(definition: Term | undefined): Expression {
    const [tag, one, two, three] = elements(definition);
    if (isTag(tag, 'clauses')) return { kind: 'fun', clauses: this.#clauses(one) };
    if (three !== undefined) {
      const [, , arity] = elements(three);
      return {
        kind: 'fun-reference',
        module: this.#expression(one),
        name: this.#expression(two),
        arity: arity?.kind === 'integer' ? Number(arity.value) : undefined,
      };
    }
    return {
      kind: 'fun-reference',
      module: undefined,
      name: one === undefined ? opaque('a fun') : literal(one),
      arity: two?.kind === 'integer' ? Number(two.value) : undefined,
    };
  }

  #qualifiers(terms: Term | undefined): Qualifier[] {
    return items(terms).map((term): Qualifier => {
      const [tag, , pattern, list] = elements(term);
      if (isTag(tag, 'generate')) {
        return { kind: 'generator', pattern: this.#expression(pattern, true), list: this.#expression(list) };
      }
      if (isTag(tag, 'b_generate') || isTag(tag, 'm_generate')) {
        return {
          kind: 'generator',
          pattern: this.#expression(pattern, true),
          list: opaque('a generator', [this.#expression(list)]),
        };
      }
      return { kind: 'filter', condition: this.#expression(term) };
    });
  }

  #operator(name: Term | undefined, operands: Expression[]): Expression {
    if (isTag(name, 'andalso') || isTag(name, 'orelse')) return opaque('a condition', operands);
    const operator = atomOf(name);
    if (operator === undefined) return opaque('an operator', operands);
    const [only] = operands;
    // A negative number is an operator before a number.
    if (
      operator === '-' &&
      operands.length === 1 &&
      only?.kind === 'literal' &&
      only.term.kind === 'integer'
    ) {
      return literal(integer(-only.term.value));
    }
    return {
      kind: 'remote-call',
      module: literal(atom('erlang')),
      name: literal(atom(operator)),
      args: operands,
    };
  }

  #elseClauses(term: Term | undefined): Expression[] {
    const [tag, , clauses] = elements(term);
    return isTag(tag, 'else')
      ? [{ kind: 'case', subject: opaque('maybe'), clauses: this.#clauses(clauses) }]
      : [];
  }

  /** Only `<<"text">>`, which is what names and keys are written as. */
  #binary(segments: Term | undefined): Expression {
    const parts = items(segments);
    const [only] = parts;
    const [, , value, size, type] = elements(only);
    const [tag, , text] = elements(value);
    const characters = isTag(tag, 'string') && text !== undefined ? stringValue(text) : undefined;
    if (parts.length === 0) return literal(binary(new Uint8Array()));
    if (parts.length === 1 && characters !== undefined && isTag(size, 'default') && isTag(type, 'default')) {
      return literal(binary(Uint8Array.from(codePoints(characters), (point) => point & 0xff)));
    }
    return opaque(
      'a binary',
      parts.flatMap((segment) => {
        const [, , segmentValue, segmentSize] = elements(segment);
        const sized = segmentSize === undefined || segmentSize.kind === 'atom' ? [] : [segmentSize];
        return [segmentValue, ...sized].map((part) => this.#expression(part));
      }),
    );
  }
}

function elements(term: Term | undefined): readonly Term[] {
  return term?.kind === 'tuple' ? term.elements : [];
}

function items(term: Term | undefined): readonly Term[] {
  return term === undefined ? [] : (listElements(term) ?? []);
}

function isTag(term: Term | undefined, name: string): boolean {
  return term?.kind === 'atom' && term.name === name;
}

function atomOf(term: Term | undefined): string | undefined {
  return term === undefined ? undefined : atomName(term);
}
