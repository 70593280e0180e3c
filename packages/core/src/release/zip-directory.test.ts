import { describe, expect, it } from 'vitest';
import { Random, generated, report } from '../../test/random';
import { zipBytes, type ZipMemberFields } from '../../test/archives/zip-bytes';
import { OtpError } from '../error';
import { openEz } from './ez-tree';

const { seed, count } = generated('EZ_MUTANTS', 3000);

/** Far more than a mutant takes (some milliseconds), also on a busy machine. */
const LONGEST_MILLISECONDS = 5000;

const random = new Random(seed);

const MEMBERS: readonly ZipMemberFields[] = [
  { name: 'dummy-0.1/', method: 0, mode: 0o040755 },
  { name: 'dummy-0.1/ebin/', method: 0, mode: 0o040755 },
  { name: 'dummy-0.1/ebin/dummy.app', content: '{application, dummy, []}.\n' },
  { name: 'dummy-0.1/ebin/dummy.beam', content: random.bytes(700), method: 0 },
  { name: 'dummy-0.1/priv/text', content: 'text '.repeat(500) },
  { name: 'dummy-0.1/priv/über', content: '', mode: 0o100755 },
];
const NAMES = [
  '',
  '/',
  '..',
  '../x',
  '/x',
  'dummy-0.1',
  'dummy-0.1/',
  'dummy-0.1/ebin/dummy.app',
  'a\0b',
  '\ufffd',
  'new',
];
const NUMBERS = [0, 1, 2, 26, 700, 2500, 65_535, 65_536, 0x7fffffff, 0xfffffffe, 0xffffffff];

/** A member with one thing wrong, in an archive that is otherwise whole. */
function mutateMember(member: ZipMemberFields): ZipMemberFields {
  switch (random.below(10)) {
    case 0:
      return { ...member, name: random.pick(NAMES) };
    case 1:
      return { ...member, localName: random.pick(NAMES) };
    case 2:
      return { ...member, method: random.pick([0, 8, 8, 9, 12, 99]) };
    case 3:
      return { ...member, flags: random.pick([1, 2, 8, 0x800, 0xffff]) };
    case 4:
      return { ...member, crc32: random.pick(NUMBERS) };
    case 5:
      return { ...member, size: random.pick(NUMBERS) };
    case 6:
      return { ...member, packedSize: random.pick(NUMBERS) };
    case 7:
      return { ...member, packed: random.bytes(random.below(60)) };
    case 8:
      return { ...member, mode: random.below(0o200000) };
    default:
      return { ...member, offset: random.pick([...NUMBERS, random.below(2000)]) };
  }
}

function mutantMembers(): Buffer {
  const members = [...MEMBERS];
  const at = random.below(members.length);
  const member = members[at] ?? { name: 'new' };
  switch (random.below(8)) {
    case 0:
      members.splice(at, 1);
      break;
    case 1:
      members.push(member);
      break;
    default:
      members[at] = mutateMember(member);
  }
  const end = random.below(10) === 0 ? { entries: random.pick([0, 1, members.length + 1, 0xffff]) } : {};
  return zipBytes(members, end);
}

const WHOLE = zipBytes(MEMBERS);

function mutantBytes(): Buffer {
  const mutant = Buffer.from(WHOLE);
  for (let change = random.below(4); change >= 0; change--) {
    // More often near the end, where the directory is.
    const at = random.below(2) === 0 ? random.below(mutant.length) : mutant.length - 1 - random.below(500);
    mutant[at] = random.below(256);
  }
  switch (random.below(6)) {
    case 0:
      return mutant.subarray(0, random.below(mutant.length));
    case 1:
      return Buffer.concat([mutant, random.bytes(random.below(40))]);
    default:
      return mutant;
  }
}

describe('reading a damaged .ez archive', () => {
  it('reads the archive that the mutants are made of', async () => {
    const tree = await openEz(WHOLE, 'whole.ez');
    expect(tree.files).toEqual([
      { path: 'dummy-0.1/ebin/dummy.app', size: 26, mode: 0o644 },
      { path: 'dummy-0.1/ebin/dummy.beam', size: 700, mode: 0o644 },
      { path: 'dummy-0.1/priv/text', size: 2500, mode: 0o644 },
      { path: 'dummy-0.1/priv/über', size: 0, mode: 0o755 },
    ]);
  });

  it(`ends with a value or an OtpError that names the file, ${count} mutants, EZ_MUTANTS_SEED=${seed}`, async () => {
    const outcomes = new Map<string, number>();
    const add = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    for (let index = 0; index < count; index++) {
      const bytes = index % 2 === 0 ? mutantMembers() : mutantBytes();
      const about = `mutant ${index} of EZ_MUTANTS_SEED=${seed}`;
      const file = `lib/${index}.ez`;
      const started = performance.now();
      try {
        const tree = await openEz(bytes, file);
        add('opened');
        const sizes = new Map<string, number>();
        await tree.readMany(
          tree.files.map(({ path }) => path),
          (path, content) => void sizes.set(path, content.length),
        );
        expect([...sizes].sort(), about).toEqual(tree.files.map(({ path, size }) => [path, size]).sort());
        add('value');
      } catch (error) {
        if (!(error instanceof OtpError)) throw new Error(about, { cause: error });
        expect(error.message.startsWith(`${file}: `), `${about}: ${error.message}`).toBe(true);
        add(error.code);
        if (error.message.includes('is damaged: its size or its checksum')) add('found by checksum');
        else if (error.message.includes('is damaged: ')) add('found by zlib');
      }
      expect(performance.now() - started, about).toBeLessThan(LONGEST_MILLISECONDS);
    }
    for (const outcome of [
      'opened',
      'value',
      'archive-corrupt',
      'archive-unsafe',
      'archive-unsupported',
      'found by checksum',
      'found by zlib',
    ]) {
      expect(outcomes.get(outcome), `${outcome}, EZ_MUTANTS_SEED=${seed}`).toBeGreaterThan(count / 200);
    }
    report(`${count} damaged .ez archives (EZ_MUTANTS_COUNT, EZ_MUTANTS_SEED=${seed})`, outcomes);
  });
});
