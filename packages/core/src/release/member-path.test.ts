import { describe, expect, it } from 'vitest';
import { memberPath, quoteName } from './member-path';

describe('memberPath', () => {
  it.each([
    ['lib/a', 'lib/a'],
    ['./lib/a', 'lib/a'],
    ['.//lib/./a/', 'lib/a'],
    ['./', ''],
    ['...', '...'],
    ['a..b/..c', 'a..b/..c'],
    ['lib/ü 日本\\x\n', 'lib/ü 日本\\x\n'],
  ])('brings %j to %j', (name, path) => {
    expect(memberPath(name)).toEqual({ path });
  });

  it.each([
    ['/', 'is an absolute path'],
    ['..', 'leaves the archive'],
    ['lib/../a', 'leaves the archive'],
    ['a\0', 'has a zero byte'],
    ['\ufffd', 'is not UTF-8'],
    ['ü'.repeat(2049), 'is longer than 4096 bytes'],
    ['a/'.repeat(129), 'lies in more than 128 folders'],
  ])('refuses %j', (name, refused) => {
    expect(memberPath(name)).toEqual({ refused });
  });
});

describe('quoteName', () => {
  it('escapes what would break a message, and cuts what would fill it', () => {
    expect(quoteName('a"\n\0')).toBe('"a\\"\\n\\u0000"');
    expect(quoteName('x'.repeat(1000))).toHaveLength(201);
  });
});
