import { atomName } from '../erlang';
import type { ModuleCode } from './code/expression';
import { reasonOf } from './child-specifications';
import { evaluateFunction } from './evaluate/evaluator';
import { atomOfValue, optionsOf, termText, type Value } from './evaluate/value';
import { type StateShape, type Unknown, unknown } from './model';

/** What else than the code decides how `init/1` is read. */
export interface ProcessKind {
  readonly behaviours: readonly string[];
  readonly exports: ReadonlySet<string>;
  readonly records: Readonly<Record<string, readonly string[]>>;
}

/** The shapes of the state that `init/1` may answer, each once; those that end the process are none. */
export function stateShapesOf(code: ModuleCode, kind: ProcessKind): readonly (StateShape | Unknown)[] {
  const { behaviours, exports: functions } = kind;
  const isSupervisor = behaviours.some((name) =>
    /(^|\.)(supervisor|Supervisor|DynamicSupervisor)$/.test(name),
  );
  if (!functions.has('init/1') || isSupervisor) return [];
  const hasStateName =
    functions.has('callback_mode/0') ||
    behaviours.some((name) => name === 'gen_statem' || name === 'gen_fsm');
  const shapes = new Map<string, StateShape | Unknown>();
  for (const result of optionsOf(evaluateFunction(code, 'init', 1))) {
    for (const state of statesIn(result, hasStateName)) {
      const shape = shapeOf(state, kind);
      shapes.set(JSON.stringify(shape), shape);
    }
  }
  return [...shapes].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, shape]) => shape);
}

/** `{ok, State, ...}`, `{ok, StateName, Data, ...}` of a state machine, `{consumer, State}` and so on of GenStage. */
function statesIn(result: Value, hasStateName: boolean): readonly Value[] {
  if (result.kind === 'never') return [];
  const [first, ...rest] = result.kind === 'tuple' ? result.elements : [result];
  switch (atomOfValue(first)) {
    case 'ignore':
    case 'stop':
    case 'error':
    case 'shutdown':
    case 'fail':
      return [];
    case 'ok':
    case 'producer':
    case 'consumer':
    case 'producer_consumer': {
      const state = rest[hasStateName ? 1 : 0];
      return state === undefined ? [] : optionsOf(state);
    }
    default:
      return [result.kind === 'tuple' ? { kind: 'unknown', reason: 'another result of init/1' } : result];
  }
}

function shapeOf(state: Value, { records }: ProcessKind): StateShape | Unknown {
  switch (state.kind) {
    case 'tuple': {
      const tag = atomOfValue(state.elements[0]);
      const fields = tag !== undefined && Object.hasOwn(records, tag) ? records[tag] : undefined;
      if (tag !== undefined && fields?.length === state.elements.length - 1) return { record: tag };
      return { tuple: state.elements.length, ...(tag !== undefined && { tag }) };
    }
    case 'map': {
      const struct = state.entries.find(([key]) => atomName(key) === '__struct__')?.[1];
      if (struct !== undefined) {
        const name = atomOfValue(struct);
        return name === undefined ? unknown('a struct of an unknown module') : { struct: name };
      }
      const keys = state.entries.map(([key]) => termText(key) ?? '_');
      return { map: keys.sort(), open: state.isOpen };
    }
    case 'list':
      return { type: 'list' };
    case 'function':
      return { type: 'fun' };
    case 'scalar':
      switch (state.term.kind) {
        case 'integer':
        case 'float':
          return { type: 'number' };
        case 'string':
          return { type: 'list' };
        case 'atom':
        case 'binary':
        case 'fun':
          return { type: state.term.kind };
        default:
          return unknown('another kind of term');
      }
    default:
      return unknown(reasonOf(state));
  }
}
