import type { Token } from './term-scanner';

/** A token as a message speaks of it. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'atom':
      return `the atom \`${shorten(token.name)}\``;
    case 'reserved':
      return `the reserved word \`${token.name}\``;
    case 'variable':
      return `the variable \`${shorten(token.name)}\``;
    case 'integer':
    case 'float':
      return 'a number';
    case 'character':
      return 'a character';
    case 'string':
      return 'a string';
    case 'binary':
      return 'a binary';
    case 'punctuation':
      return `\`${token.text}\``;
    case 'dot':
      return 'the full stop that ends the term';
    case 'end':
      return 'the end of the file';
  }
}

/** What to do where such a token stands and should not. */
export function adviceOn(token: Token): string | undefined {
  switch (token.kind) {
    case 'reserved':
      return `To mean an atom, write '${token.name}'.`;
    case 'variable':
      return 'A file of terms has no variables; an atom that starts with a capital letter is quoted.';
    case 'punctuation':
      return '+-*/=!'.includes(token.text)
        ? 'A file of terms holds values; expressions are not evaluated.'
        : undefined;
    case 'atom':
    case 'integer':
    case 'float':
    case 'character':
    case 'string':
    case 'binary':
    case 'dot':
    case 'end':
      return undefined;
  }
}

function shorten(name: string): string {
  return name.length <= 40 ? name : `${name.slice(0, 40)}...`;
}
