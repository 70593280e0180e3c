import { atom, integer, list, nil, string, tuple, type Term } from '../erlang';

/**
 * Expressions as `erl_eval` takes them: the abstract format of OTP, which has been the same for what is here since
 * long before OTP 24. Every one is said to stand in line 1.
 */
const line = integer(1);

export function variable(name: string): Term {
  return tuple(atom('var'), line, atom(name));
}

export function atomLiteral(name: string): Term {
  return tuple(atom('atom'), line, atom(name));
}

export function integerLiteral(value: number): Term {
  return tuple(atom('integer'), line, integer(value));
}

export function stringLiteral(text: string): Term {
  // The string of a form is a list of characters, the empty one too.
  return tuple(atom('string'), line, string(text));
}

/** `Module:Function(Args)` */
export function call(module: string, name: string, ...args: readonly Term[]): Term {
  return tuple(
    atom('call'),
    line,
    tuple(atom('remote'), line, atomLiteral(module), atomLiteral(name)),
    list(args),
  );
}

/** `Left Operator Right` */
export function infix(left: Term, operator: '++' | '-', right: Term): Term {
  return tuple(atom('op'), line, atom(operator), left, right);
}

/** `not Operand` */
export function not(operand: Term): Term {
  return tuple(atom('op'), line, atom('not'), operand);
}

/** `Pattern = Value` */
export function match(pattern: Term, value: Term): Term {
  return tuple(atom('match'), line, pattern, value);
}

/** `[Head | Tail]`; without a tail `[Head]` */
export function cons(head: Term, tail: Term = tuple(atom('nil'), line)): Term {
  return tuple(atom('cons'), line, head, tail);
}

/** `{Elements}` */
export function tuplePattern(...elements: readonly Term[]): Term {
  return tuple(atom('tuple'), line, list(elements));
}

/** `Pattern <- List`, of a comprehension. */
export function generator(pattern: Term, from: Term): Term {
  return tuple(atom('generate'), line, pattern, from);
}

/** `[Result || Qualifiers]` */
export function comprehension(result: Term, ...qualifiers: readonly Term[]): Term {
  return tuple(atom('lc'), line, result, list(qualifiers));
}

/**
 * The instruction `{apply, {erl_eval, exprs, [Expressions, Bindings]}}`: release_handler runs the expressions one after
 * the other. What they are about stands in the bindings, as it is, for whoever reads the relup.
 *
 * @param bindings by the name of the variable
 */
export function evaluate(expressions: readonly Term[], bindings: Readonly<Record<string, Term>>): Term {
  // An orddict: OTP 24 knows no other bindings, later ones still take it.
  const bound = Object.entries(bindings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => tuple(atom(name), value));
  const args = list([list(expressions), bound.length === 0 ? nil : list(bound)]);
  return tuple(atom('apply'), tuple(atom('erl_eval'), atom('exprs'), args));
}
