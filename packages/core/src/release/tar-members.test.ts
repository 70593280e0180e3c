import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random, generated, report } from '../../test/random';
import { paxRecord, tarMember, writeChecksum, ZERO_BLOCK } from '../../test/archives/tar-bytes';
import { OtpError } from '../error';
import { openTree } from './open-tree';

const { seed, count } = generated('TAR_MUTANTS', 3000);

/** Far more than a mutant takes (some milliseconds), also on a busy machine. */
const LONGEST_MILLISECONDS = 5000;

const random = new Random(seed);

/** Every kind of member there is, so that a mutation can hit each. */
const MEMBERS = [
  tarMember({ name: './', type: '5', mode: 0o755 }),
  tarMember({ name: 'bin/', type: '5', mode: 0o755, magic: 'v7' }),
  tarMember({ name: 'bin/dummy', content: '#!/bin/sh\n', mode: 0o755, magic: 'v7' }),
  tarMember({ name: 'lib/a-1/ebin/a.beam', content: random.bytes(1300) }),
  tarMember({ name: '././@LongLink', type: 'L', content: `lib/${'long/'.repeat(30)}name\0`, magic: 'gnu' }),
  tarMember({ name: 'lib/long', content: 'long', magic: 'gnu' }),
  tarMember({ name: 'PaxHeader', type: 'x', content: paxRecord('path', 'lib/ü') + paxRecord('size', '3') }),
  tarMember({ name: 'lib/u', content: 'pax' }),
  tarMember({ name: 'lib/a', type: '2', target: 'a-1' }),
  tarMember({ name: '././@LongLink', type: 'K', content: `${'./'.repeat(80)}dummy\0`, magic: 'gnu' }),
  tarMember({ name: 'bin/start', type: '2', target: 'dummy', magic: 'gnu' }),
  tarMember({ name: 'bin/hard', type: '1', target: 'bin/dummy' }),
  tarMember({ name: 'global', type: 'g', content: paxRecord('comment', 'x') }),
  tarMember({ name: 'releases/empty', content: '' }),
];

/** The fields of a header: where they begin, and how long they are. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  type: [156, 1],
  target: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;
const FIELD_NAMES = ['name', 'mode', 'size', 'type', 'target', 'magic', 'prefix'] as const;
const FIELD_VALUES = [
  '',
  '..',
  '../..',
  '/',
  '/etc/passwd',
  'lib',
  'lib/a',
  'bin/dummy',
  'bin/hard/x',
  '.',
  '\xff\xff\xff',
  '\x80',
  '7777777777',
  '00000001000',
  '-1',
  '9',
  '0',
  '1',
  '2',
  '3',
  '5',
  'x',
  'L',
  'S',
  'ustar',
];

function mutateHeader(member: Buffer): Buffer {
  const mutant = Buffer.from(member);
  const [start, length] = FIELDS[random.pick(FIELD_NAMES)];
  switch (random.below(3)) {
    case 0:
      mutant[start + random.below(length)] = random.below(256);
      break;
    case 1:
      mutant.fill(0, start, start + length);
      mutant.write(random.pick(FIELD_VALUES), start, length, 'latin1');
      break;
    default:
      random.bytes(length).copy(mutant, start);
  }
  const header = mutant.subarray(0, 512);
  writeChecksum(header);
  return mutant;
}

function mutateContent(member: Buffer): Buffer {
  const mutant = Buffer.from(member);
  if (mutant.length > 512)
    mutant[512 + random.below(Math.min(200, mutant.length - 512))] = random.pick([
      0, 10, 32, 45, 46, 47, 48, 57, 61, 0xff,
    ]);
  return mutant;
}

/** A tar archive with wrong members and right checksums. */
function mutantTar(): Buffer {
  const members = [...MEMBERS];
  const changes = 1 + random.below(3);
  for (let change = 0; change < changes; change++) {
    const at = random.below(members.length);
    const member = random.pick(MEMBERS);
    switch (random.below(7)) {
      case 0:
      case 1:
      case 2:
        members[at] = mutateHeader(members[at] ?? member);
        break;
      case 3:
        members[at] = mutateContent(members[at] ?? member);
        break;
      case 4:
        members.splice(at, 1);
        break;
      case 5:
        members.splice(at, 0, member);
        break;
      default:
        members.splice(at, 0, random.pick([ZERO_BLOCK, random.bytes(512), members.at(-1) ?? ZERO_BLOCK]));
    }
  }
  const end = random.pick([
    [],
    [ZERO_BLOCK],
    [ZERO_BLOCK, ZERO_BLOCK],
    [ZERO_BLOCK, ZERO_BLOCK],
    [ZERO_BLOCK, ZERO_BLOCK],
  ]);
  const tar = Buffer.concat([...members, ...end]);
  return random.below(20) === 0 ? tar.subarray(0, random.below(tar.length)) : tar;
}

const WHOLE = gzipSync(Buffer.concat([...MEMBERS, ZERO_BLOCK, ZERO_BLOCK]));

/** A gzip file with wrong bytes. */
function mutantGzip(): Buffer {
  const mutant = Buffer.from(WHOLE);
  for (let change = random.below(3); change >= 0; change--)
    mutant[random.below(mutant.length)] = random.below(256);
  switch (random.below(4)) {
    case 0:
      return mutant.subarray(0, random.below(mutant.length));
    case 1:
      return Buffer.concat([mutant, random.bytes(random.below(40))]);
    default:
      return mutant;
  }
}

describe('reading a damaged tarball', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tar-members-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('reads the archive that the mutants are made of', async () => {
    await writeFile(join(root, 'whole'), WHOLE);
    const tree = await openTree(join(root, 'whole'));
    expect(tree.files.map(({ path }) => path)).toEqual([
      'bin/dummy',
      'bin/hard',
      'bin/start',
      'lib/a-1/ebin/a.beam',
      'lib/a/ebin/a.beam',
      `lib/${'long/'.repeat(30)}name`,
      'lib/ü',
      'releases/empty',
    ]);
  });

  it(`ends with a value or an OtpError that names the file, ${count} mutants, TAR_MUTANTS_SEED=${seed}`, async () => {
    const outcomes = new Map<string, number>();
    const add = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

    const tryOne = async (index: number, bytes: Buffer) => {
      const file = join(root, `${index}.tar.gz`);
      await writeFile(file, bytes);
      const started = performance.now();
      const about = `mutant ${index} of TAR_MUTANTS_SEED=${seed}`;
      try {
        const tree = await openTree(file);
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
        if (/gzip stream/.test(error.message)) add('found by zlib');
        if (/wrong checksum|first header|no readable size|in the middle of a member/.test(error.message))
          add('found by tar-stream');
      }
      expect(performance.now() - started, about).toBeLessThan(LONGEST_MILLISECONDS);
      await rm(file);
    };

    for (let index = 0; index < count; index += 4) {
      const mutants = [mutantTar, mutantGzip, mutantTar, mutantTar].map((make) => make());
      await Promise.all(
        mutants.map((bytes, offset) =>
          tryOne(index + offset, offset === 1 ? bytes : gzipSync(bytes, { level: 1 })),
        ),
      );
    }
    for (const outcome of [
      'value',
      'archive-corrupt',
      'archive-unsafe',
      'archive-unsupported',
      'tree-link',
      'found by zlib',
      'found by tar-stream',
    ]) {
      expect(outcomes.get(outcome), `${outcome}, TAR_MUTANTS_SEED=${seed}`).toBeGreaterThan(count / 200);
    }
    report(`${count} damaged tarballs (TAR_MUTANTS_COUNT, TAR_MUTANTS_SEED=${seed})`, outcomes);
  });
});
