import { list, listElements, type Term } from '../erlang';
import type { BeamChunks } from './chunks';
import { corruptBeam } from './corrupt-beam';
import { decodeTermChunk } from './term-chunk';

/**
 * A module's attributes: key to the values given to it, in the order of the source. `-vsn("1.2")` has the three
 * values `$1`, `$.` and `$2`: a value that is a list stands for its elements, as in `Module:module_info(attributes)`.
 */
export type Attributes = ReadonlyMap<string, readonly Term[]>;

/**
 * What `beam_lib:chunks(File, [attributes])` gives, sorted by key; `undefined` when the file has no `Attr` chunk,
 * which `beam_lib:strip/1` removes.
 *
 * @throws OtpError when the chunk is corrupt.
 */
export function readAttributes(chunks: BeamChunks): Attributes | undefined {
  const chunk = chunks.byId.get('Attr');
  if (chunk === undefined) return undefined;
  const corrupt = (found: string): Error =>
    corruptBeam(chunks.origin, `The Attr chunk should hold a list of {Key, [Value]}, and holds ${found}.`);
  const pairs = listElements(decodeTermChunk(chunk, 'Attr', chunks.origin));
  if (pairs === undefined) throw corrupt('a term that is not a list');
  const attributes = new Map<string, Term[]>();
  for (const pair of pairs) {
    const [key, values] = pair.kind === 'tuple' && pair.elements.length === 2 ? pair.elements : [];
    const elements = values === undefined ? undefined : listElements(values);
    if (key?.kind !== 'atom' || elements === undefined) throw corrupt('another element');
    attributes.set(key.name, [...(attributes.get(key.name) ?? []), ...elements]);
  }
  return new Map([...attributes].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The modules named by `-behaviour` or `-behavior`, each once; Elixir's are `Elixir.GenServer` and so on. */
export function behavioursOf(attributes: Attributes): readonly string[] {
  const values = [...(attributes.get('behaviour') ?? []), ...(attributes.get('behavior') ?? [])];
  return [...new Set(values.flatMap((value) => (value.kind === 'atom' ? [value.name] : [])))];
}

/**
 * The module's version as `release_handler` takes it from the file (`release_handler_1:get_vsn/1`): the values of
 * `vsn` as text when they are printable Latin-1, else the value when there is one, else the list of them.
 */
export function vsnOf(attributes: Attributes): Term | undefined {
  const values = attributes.get('vsn');
  if (values === undefined) return undefined;
  const [first, ...others] = values;
  return first !== undefined && others.length === 0 && !isPrintable(first) ? first : list(values);
}

/** `misc_supp:is_string/1`. */
function isPrintable(value: Term): boolean {
  return value.kind === 'integer' && value.value >= 32 && value.value <= 255;
}
