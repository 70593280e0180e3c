/** Where a value has not the shape of its fact, such as `.states[0].map`; undefined where it has. */
type Shape = (value: unknown, at: string) => string | undefined;

const when =
  (test: (value: unknown) => boolean): Shape =>
  (value, at) =>
    test(value) ? undefined : at;
const text = when((value) => typeof value === 'string');
const flag = when((value) => typeof value === 'boolean');
const count = when((value) => typeof value === 'number');
const literal = (...allowed: unknown[]): Shape => when((value) => allowed.includes(value));

const firstOf = (problems: Iterable<string | undefined>): string | undefined => {
  for (const problem of problems) if (problem !== undefined) return problem;
  return undefined;
};

const listOf =
  (shape: Shape): Shape =>
  (value, at) =>
    Array.isArray(value) ? firstOf(value.map((item, index) => shape(item, `${at}[${index}]`))) : at;

const mapOf =
  (shape: Shape): Shape =>
  (value, at) =>
    isObject(value) ? firstOf(Object.entries(value).map(([key, item]) => shape(item, `${at}.${key}`))) : at;

const fields =
  (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, at) =>
    isObject(value)
      ? firstOf([
          ...Object.entries(required).map(([key, shape]) => shape(value[key], `${at}.${key}`)),
          ...Object.entries(optional).map(([key, shape]) =>
            key in value ? shape(value[key], `${at}.${key}`) : undefined,
          ),
        ])
      : at;

/** The first that fits; else what the last of those that got furthest into the value said. */
const oneOf =
  (...shapes: readonly Shape[]): Shape =>
  (value, at) => {
    const problems = shapes.map((shape) => shape(value, at));
    if (problems.includes(undefined)) return undefined;
    return problems.reduce((best, problem) =>
      (problem ?? '').length > (best ?? '').length ? problem : best,
    );
  };

const unknownFact: Shape = (value, at) =>
  isObject(value) && 'unknown' in value ? text(value['unknown'], `${at}.unknown`) : at;
const known =
  (shape: Shape): Shape =>
  (value, at) =>
    isObject(value) && 'unknown' in value ? unknownFact(value, at) : shape(value, at);
const nullOr =
  (shape: Shape): Shape =>
  (value, at) =>
    value === null ? undefined : shape(value, at);

const childFields = {
  id: known(text),
  startModule: known(text),
  function: known(text),
  arity: known(count),
  restart: known(text),
  shutdown: known(text),
  type: known(text),
  modules: known(oneOf(literal('dynamic'), listOf(text))),
  args: known(text),
};
const child = fields(childFields, { handsOnArgument: literal(true) });
const childReference = fields(
  { childSpecOf: text, arg: known(text) },
  { overrides: fields({}, childFields) },
);

const state = oneOf(
  fields({ record: text }),
  fields({ struct: text }),
  fields({ tuple: count }, { tag: text }),
  fields({ map: listOf(text), open: flag }),
  fields({ type: literal('atom', 'number', 'list', 'binary', 'fun') }),
);

const supervisor = fields(
  {
    kind: literal('callback', 'inline', 'dynamic'),
    function: text,
    name: nullOr(known(text)),
    strategy: known(text),
    children: known(listOf(known(oneOf(child, childReference)))),
    sideEffects: known(listOf(text)),
  },
  { flags: known(text), argument: fields({ given: known(text), taken: listOf(text) }) },
);

/** The shape of `KeptFacts`, of which rules rely on every field. */
export const keptFactsProblem = fields({
  behaviours: known(listOf(text)),
  // A record may be called `unknown`: its fields are a list, and the reason of an unknown fact is a text.
  records: oneOf(mapOf(listOf(text)), unknownFact),
  struct: nullOr(known(listOf(text))),
  codeChange: mapOf(known(literal('default', 'trivial', 'effects', 'converts'))),
  states: known(listOf(known(state))),
  supervisors: known(listOf(known(supervisor))),
  childSpec: nullOr(known(child)),
  dynamicCalls: known(flag),
  starts: known(listOf(fields({ starter: text, module: known(text), function: text }))),
  callbacks: nullOr(known(listOf(text))),
  callbackMode: nullOr(known(text)),
  otherCalls: known(listOf(text)),
  codeChangeCalls: known(listOf(text)),
  lingers: known(
    listOf(
      fields({
        kind: literal('loop', 'receive', 'call', 'fun', 'kept-fun', 'answered-fun'),
        function: text,
      }),
    ),
  ),
  usedRecords: known(listOf(text)),
  startResult: nullOr(known(text)),
  handsOn: oneOf(mapOf(text), unknownFact),
});

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
