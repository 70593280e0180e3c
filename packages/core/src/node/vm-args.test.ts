import { expect, it } from 'vitest';
import { parseVmArgs, withoutDistribution, withoutHeart } from './vm-args';

it('takes a vm.args apart as erlexec does', () => {
  expect(parseVmArgs(`## name\n-sname  a # more\n+P 10\n-env X "a b"\\ c 'd "e'\n-s m f`)).toEqual([
    ...['-sname', 'a', '+P', '10', '-env', 'X', 'a b c', 'd "e', '-s', 'm', 'f'],
  ]);
});

it('leaves out what gives a node a name or a second life', () => {
  const args = ['-name', 'a@b', '+K', 'true', '-setcookie', 'c', '-heart', '-env', 'A', '1', '-heart'];
  expect(withoutDistribution(args)).toEqual(['+K', 'true', '-heart', '-env', 'A', '1', '-heart']);
  expect(withoutHeart(withoutDistribution(args))).toEqual(['+K', 'true', '-env', 'A', '1']);
});
