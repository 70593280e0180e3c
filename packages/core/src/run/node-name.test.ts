import { describe, expect, it } from 'vitest';
import { checkNodeName, nodeNameIn, vmArgsWithNodeName, withNodeName } from './node-name';

describe('a node under another name', () => {
  it.each([
    [['-sname', 'dummy', '-setcookie', 'c'], 'old', ['-sname', 'old', '-setcookie', 'c']],
    [['-mode', 'embedded', '-name', 'dummy@10.0.0.1'], 'old', ['-mode', 'embedded', '-name', 'old@10.0.0.1']],
    [['-name', 'dummy@10.0.0.1'], 'old@10.0.0.2', ['-name', 'old@10.0.0.2']],
    [['-name', 'dummy@10.0.0.1'], 'old@here', ['-sname', 'old@here']],
    [['-sname', 'dummy'], 'old@host.example', ['-name', 'old@host.example']],
    [['-mode', 'embedded'], 'old', ['-sname', 'old', '-mode', 'embedded']],
  ])('%j becomes %s', (args, name, expected) => {
    expect(withNodeName(args, name)).toEqual(expected);
  });

  it('is the first that its arguments give', () => {
    expect(nodeNameIn(['-sname', 'a', '-sname', 'b'])).toBe('a');
    expect(nodeNameIn(['-setcookie', 'a'])).toBeUndefined();
  });

  it('has the same vm.args otherwise, comments and templates too', () => {
    const text = '## node\n  -sname ${NODE:-dummy}\n-setcookie $& # c\n';
    expect(vmArgsWithNodeName(text, 'old')).toBe('## node\n  -sname old\n-setcookie $& # c\n');
    expect(vmArgsWithNodeName('-name a@b.c\n', 'old')).toBe('-name old@b.c\n');
    expect(vmArgsWithNodeName('+K true\n', 'old')).toBe('-sname old\n+K true\n');
  });

  it.each(['', 'a b', 'a@b@c', '../x', '-sname\n'])('is not called %j', (name) => {
    expect(() => checkNodeName(name)).toThrow('expected the name of a node, NAME or NAME@HOST');
  });
});
