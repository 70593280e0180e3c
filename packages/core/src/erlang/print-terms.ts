import { OtpError } from '../error';
import { isPrintable, printAtom, printFloat, printString, printTextBinary } from './print-scalars';
import type { SourceEncoding } from './source-text';
import { group, renderLayout, type Layout, type LayoutGroup, type LayoutPart } from './term-layout';
import { codePoints } from './term';
import type { BinaryTerm, Term } from './term';

export interface PrintOptions {
  /** Longest line, in characters; 80 unless given, `Infinity` for all on one line. Long atoms and strings may pass it. */
  readonly width?: number;
  /** Column, counted from 0, at which the text will be put; further lines are indented to fit. */
  readonly indent?: number;
  /** Encoding of the file the text is for; characters it lacks are escaped. `utf-8` unless given. */
  readonly encoding?: SourceEncoding;
}

export interface PrintFileOptions {
  /** Lines that are put at the top of the file as comments, without the `%%`. */
  readonly comments?: readonly string[];
  /** Longest line, in characters; 80 unless given. */
  readonly width?: number;
}

/**
 * A term as Erlang source that `file:consult/1` reads back as the same term, without a full stop.
 * @throws OtpError `term-unprintable` for a pid, port, reference or local fun, which have no text form, and for an
 *   atom that source cannot hold.
 */
export function printTerm(term: Term, options: PrintOptions = {}): string {
  const layout = layoutTerm(term, options.encoding ?? 'utf-8', 0);
  return renderLayout(layout, options.width ?? 80, options.indent ?? 0);
}

/**
 * A file of terms in UTF-8, laid out as appups, relups, `.app` and `.rel` files are by hand: short things on one
 * line, a list of tuples with a tuple on each line.
 * @throws OtpError `term-unprintable` as `printTerm`.
 */
export function printTermFile(terms: readonly Term[], options: PrintFileOptions = {}): string {
  const comments = (options.comments ?? []).flatMap((comment) => comment.split('\n')).map(commentLine);
  const printed = terms.map((term) => {
    const layout = layoutTerm(term, 'utf-8', levelsOfTupleLists);
    return `${renderLayout(group('', [{ layout, separator: '', space: '' }], '.', 'stack'), options.width ?? 80, 0)}\n`;
  });
  return ['%% coding: utf-8\n', ...comments, ...printed].join('');
}

/**
 * Down to this nesting the lists of tuples in a term file are what it is about (the instructions of a section, the
 * keys of an application); deeper ones are values, such as the Extra of an instruction.
 */
const levelsOfTupleLists = 4;

function commentLine(text: string): string {
  // A control character could end the comment or the line.
  return `%% ${text}`.replace(/[\p{Cc}\p{Surrogate}\uFFFE\uFFFF]/gu, ' ').trimEnd() + '\n';
}

/** A compound term whose parts are being laid out. */
interface Pending {
  readonly term: Extract<Term, { kind: 'list' | 'tuple' | 'map' }>;
  readonly parts: readonly Term[];
  readonly done: Layout[];
  readonly level: number;
}

/** Builds the layout bottom up, with a stack of its own instead of the call stack. */
function layoutTerm(term: Term, encoding: SourceEncoding, tupleListLevels: number): Layout {
  const pending: Pending[] = [];
  let next: Term | undefined = term;
  for (;;) {
    let done: Layout | undefined;
    if (next !== undefined) {
      if (
        (next.kind === 'list' || next.kind === 'tuple' || next.kind === 'map') &&
        partsOf(next).length > 0
      ) {
        pending.push({ term: next, parts: partsOf(next), done: [], level: pending.length });
      } else done = layoutScalar(next, encoding);
    }
    const innermost = pending.at(-1);
    if (innermost === undefined) return done ?? text('');
    if (done !== undefined) innermost.done.push(done);
    next = innermost.parts[innermost.done.length];
    while (next === undefined) {
      const finished = pending.pop();
      if (finished === undefined) break;
      const layout = layoutCompound(finished, tupleListLevels);
      const outer = pending.at(-1);
      if (outer === undefined) return layout;
      outer.done.push(layout);
      next = outer.parts[outer.done.length];
    }
  }
}

function partsOf(term: Pending['term']): readonly Term[] {
  switch (term.kind) {
    case 'list':
      return term.tail === undefined ? term.elements : [...term.elements, term.tail];
    case 'tuple':
      return term.elements;
    case 'map':
      return term.entries.flat();
  }
}

function layoutCompound({ term, parts, done, level }: Pending, tupleListLevels: number): LayoutGroup {
  switch (term.kind) {
    case 'tuple':
      return group('{', separated(done), '}', 'fill');
    case 'list': {
      const scalars = parts.every(
        (part) => part.kind === 'atom' || part.kind === 'integer' || part.kind === 'float',
      );
      const tuples = parts.length > 1 && parts.some((part) => part.kind === 'tuple');
      const layouts = separated(done, term.tail === undefined ? 0 : 1);
      return group('[', layouts, ']', scalars ? 'fill' : 'stack', {
        broken: tuples && level < tupleListLevels,
      });
    }
    case 'map': {
      const entries: Layout[] = [];
      for (let at = 0; at + 1 < done.length; at += 2) {
        const key = done[at];
        const value = done[at + 1];
        if (key === undefined || value === undefined) continue;
        const arrow: LayoutPart[] = [
          { layout: key, separator: ' =>', space: ' ' },
          { layout: value, separator: '', space: '' },
        ];
        entries.push(group('', arrow, '', 'fill', { indentation: 4 }));
      }
      return group('#{', separated(entries), '}', 'stack');
    }
  }
}

/** Puts commas between layouts; before the last `tails` of them stands a `|` instead. */
function separated(layouts: readonly Layout[], tails = 0): LayoutPart[] {
  const last = layouts.length - 1;
  return layouts.map((layout, at): LayoutPart => {
    if (at === last) return { layout, separator: '', space: '' };
    return { layout, separator: at === last - tails ? ' |' : ',', space: ' ' };
  });
}

function layoutScalar(term: Term, encoding: SourceEncoding): Layout {
  switch (term.kind) {
    case 'atom':
      return text(printAtom(term.name, encoding));
    case 'integer':
      return text(term.value.toString());
    case 'float':
      return text(printFloat(term.value));
    case 'string':
      if (isPrintable(term.value)) return text(printString(term.value, encoding));
      return group(
        '[',
        separated(codePoints(term.value).map((point) => text(point.toString()))),
        ']',
        'fill',
      );
    case 'list':
      return text('[]');
    case 'tuple':
      return text('{}');
    case 'map':
      return text('#{}');
    case 'binary':
      return layoutBinary(term, encoding);
    case 'fun':
      return text(`fun ${printAtom(term.module, encoding)}:${printAtom(term.name, encoding)}/${term.arity}`);
    case 'identifier':
      throw new OtpError(`a ${term.type} belongs to a running node and cannot be written as text.`, {
        code: 'term-unprintable',
      });
  }
}

function layoutBinary({ bytes, bitsInLastByte }: BinaryTerm, encoding: SourceEncoding): Layout {
  const content = bitsInLastByte === 8 ? printTextBinary(bytes, encoding) : undefined;
  if (content !== undefined) return text(`<<${content}>>`);
  const last = bytes.length - 1;
  const segments = Array.from(bytes, (byte, at): LayoutPart => {
    const partial = at === last && bitsInLastByte < 8;
    const segment = partial ? `${byte >> (8 - bitsInLastByte)}:${bitsInLastByte}` : byte.toString();
    return { layout: text(segment), separator: at === last ? '' : ',', space: '' };
  });
  return group('<<', segments, '>>', 'fill');
}

function text(content: string): Layout {
  return { kind: 'text', text: content };
}
