import { isUnknown, type ChildFacts, type Unknown } from '../facts';
import { quoted } from './section';

/**
 * A child specification as an appup has it, `{Id, {M, F, Args}, Restart, Shutdown, Type, Modules}`. A word in capitals
 * stands for what is not known, so that nobody takes it for a term.
 */
export function specificationText(child: ChildFacts): string {
  const { modules } = child;
  const start = [
    known(child.startModule, quoted, 'MODULE'),
    known(child.function, quoted, 'FUNCTION'),
    known(child.args, asItIs, 'ARGUMENTS'),
  ];
  const parts = [
    known(child.id, asItIs, 'ID'),
    `{${start.join(', ')}}`,
    known(child.restart, asItIs, 'RESTART'),
    known(child.shutdown, asItIs, 'SHUTDOWN'),
    known(child.type, asItIs, 'TYPE'),
    known(modules, (named) => (named === 'dynamic' ? named : `[${named.map(quoted).join(', ')}]`), 'MODULES'),
  ];
  return `{${parts.join(', ')}}`;
}

function known<Fact>(fact: Fact | Unknown, print: (fact: Fact) => string, otherwise: string): string {
  return isUnknown(fact) ? otherwise : print(fact);
}

function asItIs(text: string): string {
  return text;
}
