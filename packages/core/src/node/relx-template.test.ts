import { expect, it } from 'vitest';
import { renderRelxTemplate } from './relx-template';

it('replaces variables as the start script of relx does', () => {
  const env = { A: 'one', B: '${A}', EMPTY: '', LOOP: '${LOOP}' };
  expect(renderRelxTemplate('-x ${A} ${A}\n${B} ${NONE}.', env)).toBe('-x one one\none .');
  expect(renderRelxTemplate('${NONE:-a:-b} ${EMPTY:-c} ${A:-d}', env)).toBe('a:-b c one');
  expect(renderRelxTemplate('${LOOP}', env)).toBe('${LOOP}');
});
