import {
  BitBuilder,
  ExpansionBudget,
  withSpecifier,
  withUnit,
  type SegmentSpec,
  type SegmentValue,
} from './binary-segments';
import type { OtpError } from '../error';
import type { SourceText } from './source-text';
import { TermScanner, type Token } from './term-scanner';
import { adviceOn, describeToken } from './describe-token';
import { atom, binary, externalFun, float, integer, list, map, string, tupleFrom } from './term';
import type { Term } from './term';

/** The part of a text that a term was read from; `end` is the offset after its last character. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** Deepest nesting that is read. Files made by people and by OTP stay below 20. */
const maxDepth = 10_000;

/** A term just read. The form matters where `erl_parse:normalise/1` looks at the syntax instead of the term. */
interface Value extends SourceRange {
  readonly term: Term;
  readonly form: 'number' | 'signed number' | 'string' | 'other';
}

/** A construct whose end has not been reached. */
type Open = { readonly start: number } & (
  | { readonly kind: 'parenthesis' }
  | { readonly kind: 'sign'; readonly sign: '+' | '-' }
  | { readonly kind: 'tuple'; readonly elements: Term[] }
  /** `brackets`: how many are to be closed; a list in the place of a tail continues the same elements. */
  | { readonly kind: 'list'; readonly elements: Term[]; inTail: boolean; brackets: number }
  | { readonly kind: 'map'; readonly entries: [Term, Term][]; key: Term | undefined }
  | { readonly kind: 'binary'; readonly bits: BitBuilder }
);

/** Reads terms one after another, as `erl_parse:parse_term/1` does; without recursion. */
export class TermParser {
  private readonly scanner: TermScanner;
  private readonly budget: ExpansionBudget;
  private open: Open[] = [];
  /** The offset after the last punctuation that was expected and found. */
  private lastEnd = 0;

  /** @param ranges is told where each term stood that was read. */
  constructor(
    private readonly source: SourceText,
    private readonly ranges: Map<Term, SourceRange>,
  ) {
    this.scanner = new TermScanner(source);
    this.budget = new ExpansionBudget(source.text.length);
  }

  /**
   * The next term, past its full stop; undefined at the end of the text.
   * @throws OtpError `term-syntax` naming file, line and column.
   */
  next(): Term | undefined {
    if (this.scanner.peek().kind === 'end') return undefined;
    this.open = [];
    for (;;) {
      let value = this.start(this.scanner.next());
      while (value !== undefined) {
        const innermost = this.open.at(-1);
        if (innermost === undefined) return this.complete(value);
        value = this.advance(innermost, value);
      }
    }
  }

  private complete(value: Value): Term {
    const token = this.scanner.next();
    if (token.kind === 'end') {
      throw this.source.error(
        'this term has no full stop before the end of the file.',
        value.start,
        'Put `.` after it.',
      );
    }
    if (token.kind !== 'dot') throw this.unexpected(token, 'the full stop that ends the term');
    return value.term;
  }

  /** Makes a value from its first token, or opens a construct and returns undefined. */
  private start(token: Token): Value | undefined {
    switch (token.kind) {
      case 'atom':
        return this.value(atom(token.name), token);
      case 'integer':
      case 'character':
        return this.value(integer(token.value), token, 'number');
      case 'float':
        return this.value(float(token.value), token, 'number');
      case 'string':
        return this.joinedString(token, token.value, token.sigil);
      case 'binary':
        return this.value(binary(Uint8Array.from(Buffer.from(token.value, 'utf8'))), token);
      case 'reserved':
        if (token.name === 'fun') return this.fun(token);
        throw this.unexpected(token, 'a term');
      case 'punctuation':
        return this.startConstruct(token, token.text);
      case 'variable':
      case 'dot':
      case 'end':
        throw this.unexpected(token, 'a term');
    }
  }

  private startConstruct(token: Token, text: string): Value | undefined {
    const { start } = token;
    switch (text) {
      case '{':
        return (
          this.closed('}', start, () => tupleFrom([])) ?? this.enter({ kind: 'tuple', elements: [], start })
        );
      case '[':
        return this.startList(start);
      case '<<':
        return (
          this.closed('>>', start, () => binary(new Uint8Array(0))) ??
          this.enter({ kind: 'binary', bits: new BitBuilder(this.budget), start })
        );
      case '#':
        this.expect('{', 'the `{` of a map');
        return (
          this.closed('}', start, () => map([])) ??
          this.enter({ kind: 'map', entries: [], key: undefined, start })
        );
      case '(':
        return this.enter({ kind: 'parenthesis', start });
      case '-':
      case '+':
        return this.enter({ kind: 'sign', sign: text, start });
      default:
        throw this.unexpected(token, 'a term');
    }
  }

  private startList(start: number): Value | undefined {
    const empty = this.closed(']', start, (): Term => ({ kind: 'list', elements: [] }));
    if (empty !== undefined) return empty;
    const innermost = this.open.at(-1);
    if (innermost?.kind !== 'list' || !innermost.inTail) {
      return this.enter({ kind: 'list', elements: [], inTail: false, brackets: 1, start });
    }
    innermost.inTail = false;
    innermost.brackets++;
    return undefined;
  }

  private enter(construct: Open): Value | undefined {
    if (this.open.length >= maxDepth) {
      throw this.source.error(`terms nested more than ${maxDepth} deep are not accepted.`, construct.start);
    }
    this.open.push(construct);
    return undefined;
  }

  /** The empty construct, when its closing token follows at once. */
  private closed(text: string, start: number, make: () => Term): Value | undefined {
    const token = this.scanner.peek();
    if (!isPunctuation(token, text)) return undefined;
    this.scanner.next();
    return this.value(make(), { start, end: token.end });
  }

  /** Puts a value into the innermost construct; returns the construct's own value when that ends with it. */
  private advance(open: Open, value: Value): Value | undefined {
    switch (open.kind) {
      case 'parenthesis':
        this.expectIn(open, [')']);
        this.open.pop();
        return value;
      case 'sign':
        return this.signed(open.sign, open.start, value);
      case 'tuple':
        open.elements.push(value.term);
        if (this.expectIn(open, [',', '}']).text === ',') return undefined;
        return this.leave(open, tupleFrom(open.elements));
      case 'list':
        return this.advanceList(open, value);
      case 'map':
        return this.advanceMap(open, value);
      case 'binary':
        this.appendSegment(open.bits, value);
        if (this.expectIn(open, [',', '>>']).text === ',') return undefined;
        return this.leave(open, this.builtBinary(open.bits));
    }
  }

  private advanceList(open: Extract<Open, { kind: 'list' }>, value: Value): Value | undefined {
    if (open.inTail) {
      for (let left = open.brackets; left > 0; left--) this.expectIn(open, [']']);
      return this.leave(open, list(open.elements, value.term));
    }
    open.elements.push(value.term);
    const { text } = this.expectIn(open, [',', '|', ']']);
    if (text === ',') return undefined;
    if (text === '|') {
      open.inTail = true;
      return undefined;
    }
    for (let left = open.brackets - 1; left > 0; left--) this.expectIn(open, [']']);
    return this.leave(open, list(open.elements));
  }

  private advanceMap(open: Extract<Open, { kind: 'map' }>, value: Value): Value | undefined {
    if (open.key === undefined) {
      this.expectIn(open, ['=>']);
      open.key = value.term;
      return undefined;
    }
    open.entries.push([open.key, value.term]);
    open.key = undefined;
    if (this.expectIn(open, [',', '}']).text === ',') return undefined;
    return this.leave(open, map(open.entries));
  }

  private leave(open: Open, term: Term): Value {
    this.open.pop();
    return this.value(term, { start: open.start, end: this.lastEnd });
  }

  private signed(sign: '+' | '-', start: number, operand: Value): Value {
    this.open.pop();
    const { term } = operand;
    if (operand.form !== 'number' || (term.kind !== 'integer' && term.kind !== 'float')) {
      throw this.source.error(`expected an unsigned number after \`${sign}\`.`, start);
    }
    const range = { start, end: operand.end };
    if (sign === '+')
      return this.value(
        term.kind === 'integer' ? integer(term.value) : float(term.value),
        range,
        'signed number',
      );
    return this.value(
      term.kind === 'integer' ? integer(-term.value) : float(-term.value),
      range,
      'signed number',
    );
  }

  private joinedString(first: Token, text: string, sigil: boolean): Value {
    const parts = [text];
    let { end } = first;
    for (let next = this.scanner.peek(); next.kind === 'string'; next = this.scanner.peek()) {
      if (sigil || next.sigil)
        throw this.source.error('a sigil cannot be joined with another string.', next.start);
      parts.push(next.value);
      end = next.end;
      this.scanner.next();
    }
    const joined = parts.join('');
    // Not the shared `nil`: each term that was read has a place of its own.
    const term: Term = joined === '' ? { kind: 'list', elements: [] } : string(joined);
    return this.value(term, { start: first.start, end }, 'string');
  }

  private fun(token: Token): Value {
    const shape = 'a fun of the form `fun module:name/arity`';
    const module = this.scanner.next();
    if (module.kind !== 'atom') throw this.unexpected(module, shape);
    this.expect(':', shape);
    const name = this.scanner.next();
    if (name.kind !== 'atom') throw this.unexpected(name, shape);
    this.expect('/', shape);
    const arity = this.scanner.next();
    if (arity.kind !== 'integer') throw this.unexpected(arity, shape);
    if (arity.value > 255) throw this.source.error('the arity of a fun is at most 255.', arity.start);
    return this.value(externalFun(module.name, name.name, Number(arity.value)), {
      start: token.start,
      end: arity.end,
    });
  }

  private appendSegment(bits: BitBuilder, value: Value): void {
    const segment = segmentValue(value);
    if (segment === undefined) {
      throw this.source.error(
        'expected an integer, a float, a string or a binary as a segment of a binary.',
        value.start,
      );
    }
    const problem = bits.append(segment, this.segmentSpec());
    if (problem !== undefined) throw this.source.error(`${problem}.`, value.start);
  }

  private segmentSpec(): SegmentSpec {
    let spec: SegmentSpec = {};
    if (isPunctuation(this.scanner.peek(), ':')) {
      this.scanner.next();
      spec = { size: this.segmentSize() };
    }
    if (!isPunctuation(this.scanner.peek(), '/')) return spec;
    do {
      this.scanner.next();
      spec = this.specifier(spec);
    } while (isPunctuation(this.scanner.peek(), '-'));
    return spec;
  }

  /** An unsigned number, or a signed one in parentheses. */
  private segmentSize(): number | bigint {
    const token = this.scanner.next();
    if (token.kind === 'integer' || token.kind === 'character') return token.value;
    if (!isPunctuation(token, '(')) throw this.unexpected(token, 'the size of a segment');
    let opened = 1;
    let sign = 1;
    let next = this.scanner.next();
    for (; isPunctuation(next, '('); next = this.scanner.next()) opened++;
    if (isPunctuation(next, '-') || isPunctuation(next, '+')) {
      sign = isPunctuation(next, '-') ? -1 : 1;
      next = this.scanner.next();
    }
    if (next.kind !== 'integer' && next.kind !== 'character')
      throw this.unexpected(next, 'the size of a segment');
    for (; opened > 0; opened--) this.expect(')', 'a `)`');
    if (sign > 0 || Number(next.value) === 0) return next.value;
    throw this.source.error('the size of a segment is not negative.', next.start);
  }

  private specifier(spec: SegmentSpec): SegmentSpec {
    const token = this.scanner.next();
    if (token.kind !== 'atom') throw this.unexpected(token, 'a type such as `integer`, `little` or `utf8`');
    let extended: SegmentSpec | undefined;
    if (isPunctuation(this.scanner.peek(), ':')) {
      this.scanner.next();
      const unit = this.scanner.next();
      if (token.name !== 'unit' || unit.kind !== 'integer')
        throw this.unexpected(unit, 'a unit such as `unit:8`');
      extended = withUnit(spec, unit.value);
    } else extended = withSpecifier(spec, token.name);
    if (extended === undefined) {
      throw this.source.error(
        `\`${token.name}\` is no type of a segment, or contradicts an earlier one; a unit is 1 to 256.`,
        token.start,
      );
    }
    return extended;
  }

  private builtBinary(bits: BitBuilder): Term {
    const { bytes, bitsInLastByte } = bits.build();
    return binary(bytes, bitsInLastByte);
  }

  private value(term: Term, { start, end }: SourceRange, form: Value['form'] = 'other'): Value {
    this.ranges.set(term, { start, end });
    return { term, start, end, form };
  }

  private expect(text: string, what: string): void {
    const token = this.scanner.next();
    this.lastEnd = token.end;
    if (!isPunctuation(token, text)) throw this.unexpected(token, what);
  }

  /** The next token, which must be one of these; the construct it belongs to is named if it is not. */
  private expectIn(open: Open, expected: readonly string[]): { readonly text: string } {
    const token = this.scanner.next();
    this.lastEnd = token.end;
    if (token.kind === 'punctuation' && expected.includes(token.text)) return token;
    const { line, column } = this.source.position(open.start);
    const choice = expected.map((text) => `\`${text}\``).join(' or ');
    throw this.unexpected(token, `${choice} in the ${nameOf(open)} that starts at ${line}:${column}`);
  }

  private unexpected(token: Token, expected: string): OtpError {
    return this.source.error(
      `expected ${expected}; found ${describeToken(token)}.`,
      token.start,
      adviceOn(token),
    );
  }
}

function segmentValue(value: Value): SegmentValue | undefined {
  const { term } = value;
  if (term.kind === 'integer' || term.kind === 'float') return term;
  if (term.kind === 'binary') return term;
  if (value.form !== 'string') return undefined;
  return { kind: 'string', value: term.kind === 'string' ? term.value : '' };
}

function isPunctuation(token: Token, text: string): boolean {
  return token.kind === 'punctuation' && token.text === text;
}

function nameOf(open: Open): string {
  switch (open.kind) {
    case 'parenthesis':
      return 'parenthesis';
    case 'sign':
      return 'number';
    case 'tuple':
    case 'list':
    case 'map':
    case 'binary':
      return open.kind;
  }
}
