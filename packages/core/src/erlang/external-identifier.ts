import type { ByteReader } from './byte-reader';
import { tags } from './external-term-tags';

/**
 * Reads past one term without making it, however deep it nests. What a pid, port, reference or local fun holds
 * is checked no further than its lengths.
 * @throws OtpError `term-corrupt` when a length passes the end or a tag is unknown.
 */
export function skipExternalTerm(reader: ByteReader): void {
  let missing = 1;
  while (missing > 0) {
    missing += skipHead(reader) - 1;
  }
}

/** Reads past a tag and its fixed fields; returns how many terms follow that belong to it. */
function skipHead(reader: ByteReader): number {
  const start = reader.offset;
  const tag = reader.uint8('a tag');
  switch (tag) {
    case tags.smallInteger:
      return fields(reader, 1);
    case tags.integer:
      return fields(reader, 4);
    case tags.smallBig:
      return fields(reader, 1 + reader.uint8('the size of an integer'));
    case tags.largeBig:
      return fields(reader, 1 + reader.uint32('the size of an integer'));
    case tags.float:
      return fields(reader, 31);
    case tags.newFloat:
      return fields(reader, 8);
    case tags.atom:
    case tags.atomUtf8:
    case tags.string:
      return fields(reader, reader.uint16('a length'));
    case tags.smallAtom:
    case tags.smallAtomUtf8:
      return fields(reader, reader.uint8('a length'));
    case tags.nil:
      return 0;
    case tags.binary:
      return fields(reader, reader.uint32('the size of a binary'));
    case tags.bitBinary:
      return fields(reader, 1 + reader.uint32('the size of a bit string'));
    case tags.smallTuple:
      return reader.uint8('the arity of a tuple');
    case tags.largeTuple:
      return reader.uint32('the arity of a tuple');
    case tags.list:
      return reader.uint32('the length of a list') + 1;
    case tags.map:
      return 2 * reader.uint32('the size of a map');
    case tags.export:
      return 3;
    case tags.pid:
      return afterNode(reader, 9);
    case tags.newPid:
    case tags.v4Port:
      return afterNode(reader, 12);
    case tags.port:
    case tags.reference:
      return afterNode(reader, 5);
    case tags.newPort:
      return afterNode(reader, 8);
    case tags.newReference:
      return afterNode(reader, 1 + 4 * reader.uint16('the length of a reference'));
    case tags.newerReference:
      return afterNode(reader, 4 + 4 * reader.uint16('the length of a reference'));
    case tags.newFun: {
      reader.skip(4 + 1 + 16 + 4, 'a fun');
      const freeVariables = reader.uint32('the free variables of a fun');
      return moduleIndexUniqPid + freeVariables;
    }
    case tags.fun:
      return moduleIndexUniqPid + reader.uint32('the free variables of a fun');
    default:
      throw reader.error(`there is no term with tag ${tag}`, start);
  }
}

const moduleIndexUniqPid = 4;

function fields(reader: ByteReader, size: number): number {
  reader.skip(size, 'a term');
  return 0;
}

/** The name of a node, then `size` bytes. */
function afterNode(reader: ByteReader, size: number): number {
  const start = reader.offset;
  const tag = reader.uint8('the name of a node');
  switch (tag) {
    case tags.atom:
    case tags.atomUtf8:
      reader.skip(reader.uint16('a length'), 'the name of a node');
      break;
    case tags.smallAtom:
    case tags.smallAtomUtf8:
      reader.skip(reader.uint8('a length'), 'the name of a node');
      break;
    default:
      throw reader.error(`expected the name of a node, an atom; found tag ${tag}`, start);
  }
  return fields(reader, size);
}
