import type { IdentifierTerm, ListTerm, MapTerm, StringTerm, Term } from './term';

/** Whether two terms are the same term: `=:=` of OTP 27, where `0.0` and `-0.0` differ. */
export function termsEqual(left: Term, right: Term): boolean {
  const pending: Term[] = [left, right];
  for (;;) {
    const b = pending.pop();
    const a = pending.pop();
    if (a === undefined || b === undefined) return true;
    if (a !== b && !equalAtTop(a, b, pending)) return false;
  }
}

/** Compares all but the subterms, which are pushed onto `pending` in pairs. */
function equalAtTop(a: Term, b: Term, pending: Term[]): boolean {
  switch (a.kind) {
    case 'atom':
      return b.kind === 'atom' && a.name === b.name;
    case 'integer':
      return b.kind === 'integer' && a.value === b.value;
    case 'float':
      return b.kind === 'float' && Object.is(a.value, b.value);
    case 'string':
      return b.kind === 'string' && a.value === b.value;
    case 'list':
      if (b.kind !== 'list' || a.elements.length !== b.elements.length) return false;
      if (a.tail !== undefined && b.tail !== undefined) pending.push(a.tail, b.tail);
      else if (a.tail !== b.tail) return false;
      pushPairs(a.elements, b.elements, pending);
      return true;
    case 'tuple':
      if (b.kind !== 'tuple' || a.elements.length !== b.elements.length) return false;
      pushPairs(a.elements, b.elements, pending);
      return true;
    case 'map':
      if (b.kind !== 'map' || a.entries.length !== b.entries.length) return false;
      pushPairs(a.entries.flat(), b.entries.flat(), pending);
      return true;
    case 'binary':
      return (
        b.kind === 'binary' && a.bitsInLastByte === b.bitsInLastByte && compareBytes(a.bytes, b.bytes) === 0
      );
    case 'fun':
      return b.kind === 'fun' && a.module === b.module && a.name === b.name && a.arity === b.arity;
    case 'identifier':
      return b.kind === 'identifier' && a.type === b.type && compareBytes(a.encoded, b.encoded) === 0;
  }
}

function pushPairs(left: readonly Term[], right: readonly Term[], pending: Term[]): void {
  left.forEach((element, at) => {
    const other = right[at];
    if (other !== undefined) pending.push(element, other);
  });
}

/**
 * Erlang's standard order of terms (Erlang Reference Manual, "Term Comparisons"): below 0 when `left` comes
 * first, 0 when they are `==` (so `1` and `1.0` are), above 0 otherwise. Pids, ports, references and local
 * funs are ordered among their own kind by their bytes, for want of the node that made them.
 */
export function compareTerms(left: Term, right: Term): number {
  return compare(left, right, false);
}

/** The order of the keys in a map: the order of terms, but an integer comes before every float. */
export function compareMapKeys(left: Term, right: Term): number {
  return compare(left, right, true);
}

/** Two terms still to be compared, or the verdict if everything before was equal. */
type Step = { readonly left: Term; readonly right: Term; readonly exact: boolean } | number;

function compare(left: Term, right: Term, exact: boolean): number {
  const steps: Step[] = [{ left, right, exact }];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const verdict = typeof step === 'number' ? step : compareAtTop(step.left, step.right, step.exact, steps);
    if (verdict !== 0) return verdict;
  }
  return 0;
}

function compareAtTop(a: Term, b: Term, exact: boolean, steps: Step[]): number {
  if (a === b) return 0;
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  switch (a.kind) {
    case 'integer':
    case 'float':
      return b.kind === 'integer' || b.kind === 'float' ? compareNumbers(a, b, exact) : 0;
    case 'atom':
      return b.kind === 'atom' ? compareText(a.name, b.name) : 0;
    case 'fun':
      if (b.kind !== 'fun') return 0;
      return compareText(a.module, b.module) || compareText(a.name, b.name) || a.arity - b.arity;
    case 'identifier':
      return b.kind === 'identifier' ? compareBytes(a.encoded, b.encoded) : 0;
    case 'tuple':
      if (b.kind !== 'tuple' || a.elements.length !== b.elements.length) {
        return b.kind === 'tuple' ? a.elements.length - b.elements.length : 0;
      }
      pushSteps(a.elements, b.elements, exact, steps);
      return 0;
    case 'map':
      return b.kind === 'map' ? compareMaps(a, b, exact, steps) : 0;
    case 'string':
    case 'list':
      return b.kind === 'string' || b.kind === 'list' ? compareLists(a, b, exact, steps) : 0;
    case 'binary':
      return b.kind === 'binary' ? compareBytes(a.bytes, b.bytes) || a.bitsInLastByte - b.bitsInLastByte : 0;
  }
}

/** number < atom < reference < fun < port < pid < tuple < map < nil < list < bit string */
function rank(term: Term): number {
  switch (term.kind) {
    case 'integer':
    case 'float':
      return 0;
    case 'atom':
      return 1;
    case 'identifier':
      return identifierRank(term);
    case 'fun':
      return 4;
    case 'tuple':
      return 7;
    case 'map':
      return 8;
    case 'list':
      return term.elements.length === 0 ? 9 : 10;
    case 'string':
      return 10;
    case 'binary':
      return 11;
  }
}

function identifierRank(term: IdentifierTerm): number {
  switch (term.type) {
    case 'reference':
      return 2;
    case 'fun':
      return 3;
    case 'port':
      return 5;
    case 'pid':
      return 6;
  }
}

type NumberTerm = Extract<Term, { kind: 'integer' | 'float' }>;

function compareNumbers(a: NumberTerm, b: NumberTerm, exact: boolean): number {
  if (exact && a.kind !== b.kind) return a.kind === 'integer' ? -1 : 1;
  // JavaScript compares bigints and doubles by their mathematical value, as Erlang does.
  if (a.value < b.value) return -1;
  if (a.value > b.value) return 1;
  if (!exact || Object.is(a.value, b.value) || typeof a.value === 'bigint') return 0;
  return Object.is(a.value, -0) ? -1 : 1;
}

/** Size first, then all keys, then all values; keys by the order of map keys. */
function compareMaps(a: MapTerm, b: MapTerm, exact: boolean, steps: Step[]): number {
  if (a.entries.length !== b.entries.length) return a.entries.length - b.entries.length;
  const values = (map: MapTerm): Term[] => map.entries.map(([, value]) => value);
  const keys = (map: MapTerm): Term[] => map.entries.map(([key]) => key);
  pushSteps(values(a), values(b), exact, steps);
  pushSteps(keys(a), keys(b), true, steps);
  return 0;
}

function compareLists(
  a: StringTerm | ListTerm,
  b: StringTerm | ListTerm,
  exact: boolean,
  steps: Step[],
): number {
  if (a.kind === 'string' && b.kind === 'string') return compareText(a.value, b.value);
  const left = elementsOf(a);
  const right = elementsOf(b);
  steps.push(compareListEnds(a, b, left.length - right.length, exact));
  pushSteps(left, right, exact, steps);
  return 0;
}

/** What decides between two lists whose common elements are equal; one of them may be longer. */
function compareListEnds(a: Term, b: Term, moreInA: number, exact: boolean): Step {
  const nil: Term = { kind: 'list', elements: [] };
  const longer: Term = { kind: 'list', elements: [nil] };
  const tail = (term: Term): Term => (term.kind === 'list' ? (term.tail ?? nil) : nil);
  if (moreInA === 0) return { left: tail(a), right: tail(b), exact };
  return moreInA > 0 ? rank(longer) - rank(tail(b)) : rank(tail(a)) - rank(longer);
}

function elementsOf(term: StringTerm | ListTerm): readonly Term[] {
  if (term.kind === 'list') return term.elements;
  return Array.from(term.value, (character) => ({ kind: 'integer', value: character.codePointAt(0) ?? 0 }));
}

/** Pushes the pairs so that the first is taken first. */
function pushSteps(left: readonly Term[], right: readonly Term[], exact: boolean, steps: Step[]): void {
  for (let at = Math.min(left.length, right.length) - 1; at >= 0; at--) {
    const a = left[at];
    const b = right[at];
    if (a !== undefined && b !== undefined) steps.push({ left: a, right: b, exact });
  }
}

/** By code point, where JavaScript's `<` goes by UTF-16 unit. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  let at = 0;
  while (at < left.length && left.charCodeAt(at) === right.charCodeAt(at)) at++;
  const a = left.charCodeAt(at);
  const b = right.charCodeAt(at);
  if (Number.isNaN(a) || Number.isNaN(b)) return left.length - right.length;
  // Surrogates stand for code points above all others of 16 bits.
  const weight = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
  return weight(a) - weight(b);
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right);
}
