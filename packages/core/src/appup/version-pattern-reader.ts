import { codePoints } from '../erlang';
import { OtpError } from '../error';

/** What a pattern says about one character, by its code point. */
export type CharacterTest = (point: number) => boolean;

/** A regular expression, read. */
export type PatternNode =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  /** What must hold at a place, without taking a character. */
  | { readonly kind: 'assert'; readonly test: (points: readonly number[], at: number) => boolean }
  | { readonly kind: 'look'; readonly ahead: PatternNode; readonly wanted: boolean }
  | { readonly kind: 'sequence'; readonly nodes: readonly PatternNode[] }
  | { readonly kind: 'alternatives'; readonly nodes: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly node: PatternNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    };

const maxDepth = 200;

/**
 * Reads the part of PCRE's syntax that `compileVersionPattern` names.
 * @throws OtpError `bad-version-pattern` that says which part is not read.
 */
export function readVersionPattern(source: string): PatternNode {
  return new PatternReader(source).read();
}

/** The error for a pattern that is not read. */
export function refused(why: string): OtpError {
  return new OtpError(`the version pattern cannot be read: ${why}.`, {
    code: 'bad-version-pattern',
    fix: 'Write it with characters, classes, groups, alternatives, ?, *, + and {n,m}, or give the version as a string.',
  });
}

class PatternReader {
  private readonly characters: readonly string[];
  private at = 0;
  private depth = 0;

  constructor(source: string) {
    this.characters = codePoints(source).map((point) => String.fromCodePoint(point));
  }

  read(): PatternNode {
    const node = this.alternatives();
    if (this.at < this.characters.length) throw refused('it closes a group that is not open');
    return node;
  }

  private alternatives(): PatternNode {
    if (++this.depth > maxDepth) throw refused('its groups are nested too deeply');
    const nodes = [this.sequence()];
    while (this.take('|')) nodes.push(this.sequence());
    this.depth--;
    const [only] = nodes;
    return only !== undefined && nodes.length === 1 ? only : { kind: 'alternatives', nodes };
  }

  private sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (let next = this.peek(); next !== undefined && next !== '|' && next !== ')'; next = this.peek()) {
      nodes.push(this.repeated(this.atom()));
    }
    return { kind: 'sequence', nodes };
  }

  private repeated(node: PatternNode): PatternNode {
    const bounds = this.bounds();
    if (bounds === undefined) return node;
    const [min, max] = bounds;
    const lazy = this.take('?');
    if (this.peek() === '+') throw refused('possessive repetition is not read');
    if (this.bounds() !== undefined) throw refused('a repetition is repeated');
    if (max < min) throw refused(`{${min},${max}} is out of order`);
    if (node.kind === 'look' || node.kind === 'assert') {
      throw refused('an assertion is repeated');
    }
    if (max > 1 && canBeEmpty(node)) throw refused('a group that can match nothing is repeated');
    return { kind: 'repeat', node, min, max, lazy };
  }

  private bounds(): [number, number] | undefined {
    if (this.take('*')) return [0, Infinity];
    if (this.take('+')) return [1, Infinity];
    if (this.take('?')) return [0, 1];
    const braces = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.characters.slice(this.at, this.at + 16).join(''));
    if (braces === null) return undefined;
    this.at += braces[0].length;
    const min = Number(braces[1]);
    const max = braces[2] === undefined ? min : braces[3] === '' ? Infinity : Number(braces[3]);
    if (min > 65535 || (max !== Infinity && max > 65535)) throw refused('a repetition count is above 65535');
    return [min, max];
  }

  private atom(): PatternNode {
    const character = this.next();
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return oneOf(this.characterClass());
      case '.':
        return oneOf((point) => point !== 10);
      case '^':
        return { kind: 'assert', test: (_points, at) => at === 0 };
      case '$':
        return { kind: 'assert', test: isAtEnd };
      case '\\': {
        const escaped = this.peek();
        if (escaped === 'b' || escaped === 'B') {
          this.at++;
          const test =
            escaped === 'b'
              ? isAtWordEdge
              : (points: readonly number[], at: number) => !isAtWordEdge(points, at);
          return { kind: 'assert', test };
        }
        return oneOf(this.escape());
      }
      case '*':
      case '+':
      case '?':
        throw refused(`there is nothing for ${character} to repeat`);
      default:
        return oneOf(only(character));
    }
  }

  private group(): PatternNode {
    if (this.peek() === '*') throw refused('the verbs (*...) are not read');
    let wanted: boolean | undefined;
    if (this.take('?')) {
      const kind = this.next();
      if (kind === '=' || kind === '!') wanted = kind === '=';
      else if (kind !== ':')
        throw refused(`the group (?${kind} is not read; (...), (?:...), (?=...) and (?!...) are`);
    }
    const node = this.alternatives();
    if (!this.take(')')) throw refused('a group is not closed');
    return wanted === undefined ? node : { kind: 'look', ahead: node, wanted };
  }

  private characterClass(): CharacterTest {
    const negated = this.take('^');
    const tests: CharacterTest[] = [];
    for (let first = true; first || this.peek() !== ']'; first = false) {
      const start = this.classMember();
      const isRange = this.peek() === '-' && this.characters[this.at + 1] !== ']';
      if (!isRange) {
        tests.push(typeof start === 'number' ? (point) => point === start : start);
        continue;
      }
      this.at++;
      const end = this.classMember();
      if (typeof start !== 'number' || typeof end !== 'number' || end < start) {
        throw refused('a range in a character class is not one of two characters in order');
      }
      tests.push((point) => point >= start && point <= end);
    }
    this.at++;
    return (point) => tests.some((test) => test(point)) !== negated;
  }

  private classMember(): number | CharacterTest {
    const character = this.next();
    if (character === '[' && [':', '.', '='].includes(this.peek() ?? '')) {
      throw refused('the POSIX classes [:name:] are not read');
    }
    if (character !== '\\') return codePointOf(character);
    if (this.take('b')) return 8;
    return this.escapedCharacter() ?? this.escapedSet();
  }

  /** After the backslash, outside of a class. */
  private escape(): CharacterTest {
    const point = this.escapedCharacter();
    return point === undefined ? this.escapedSet() : (other) => other === point;
  }

  private escapedCharacter(): number | undefined {
    const character = this.peek();
    if (character === undefined) throw refused('it ends in a backslash');
    if (character === 'x') {
      const found = /^x(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))/.exec(
        this.characters.slice(this.at, this.at + 9).join(''),
      );
      const point = Number.parseInt(found?.[1] ?? found?.[2] ?? 'none', 16);
      if (found === null || !(point <= 0x10ffff) || (point >= 0xd800 && point < 0xe000)) {
        throw refused('\\x is not followed by two digits or by {digits} of a character');
      }
      this.at += found[0].length;
      return point;
    }
    const control = controlCharacters.get(character);
    if (control === undefined && /[0-9A-Za-z]/.test(character)) return undefined;
    this.at++;
    return control ?? codePointOf(character);
  }

  private escapedSet(): CharacterTest {
    const character = this.next();
    const test = characterSets.get(character.toLowerCase());
    if (test === undefined) throw refused(`\\${character} is not read`);
    return character === character.toLowerCase() ? test : (point) => !test(point);
  }

  private peek(): string | undefined {
    return this.characters[this.at];
  }

  private take(character: string): boolean {
    if (this.characters[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private next(): string {
    const character = this.characters[this.at++];
    if (character === undefined) throw refused('it ends in the middle of a group or a character class');
    return character;
  }
}

function oneOf(test: CharacterTest): PatternNode {
  return { kind: 'character', test };
}

function only(character: string): CharacterTest {
  const wanted = codePointOf(character);
  return (point) => point === wanted;
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

const controlCharacters: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['e', 27],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
]);

/** ASCII only: of the letters above, PCRE takes some for `\w` and the same ones not for `\w+`. */
const characterSets: ReadonlyMap<string, CharacterTest> = new Map([
  ['d', isDigit],
  ['s', (point) => point === 32 || (point >= 9 && point <= 13)],
  ['w', isWord],
]);

function isDigit(point: number): boolean {
  return point >= 48 && point <= 57;
}

function isWord(point: number): boolean {
  return isDigit(point) || point === 95 || (point >= 65 && point <= 90) || (point >= 97 && point <= 122);
}

function isAtWordEdge(points: readonly number[], at: number): boolean {
  const isWordAt = (index: number): boolean => {
    const point = points[index];
    return point !== undefined && isWord(point);
  };
  return isWordAt(at - 1) !== isWordAt(at);
}

/** `$` is the end, or before a newline that ends the text. */
function isAtEnd(points: readonly number[], at: number): boolean {
  return at === points.length || (at === points.length - 1 && points[at] === 10);
}

function canBeEmpty(node: PatternNode): boolean {
  switch (node.kind) {
    case 'character':
      return false;
    case 'assert':
    case 'look':
      return true;
    case 'sequence':
      return node.nodes.every(canBeEmpty);
    case 'alternatives':
      return node.nodes.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node);
  }
}
