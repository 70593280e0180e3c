import {
  parseInstruction,
  type Allowance,
  type ApplicationPolicy,
  type Direction,
  type Instruction,
  type ModulePolicy,
  type UpgradePolicy,
} from '../appup';
import { OtpError } from '../error';
import { readTerms, type Term } from '../erlang';
import { didYouMean } from '../nearest-name';
import { inside, JsonMistakes, type JsonObject } from './json-mistakes';

/** A policy as it is written down, with the transforms as the paths they have there. */
export interface WrittenPolicy extends Omit<UpgradePolicy, 'transforms'> {
  readonly transformPaths: readonly string[];
}

/**
 * Reads the policy that a person wrote, `rel/upgrade.json`:
 *
 * ```json
 * {
 *   "applications": {
 *     "dummy": {
 *       "strategy": "hot",
 *       "before": { "up": ["{apply,{dummy,announce,[]}}"] },
 *       "after": { "down": ["{apply,{dummy,announce,[]}}"] },
 *       "modules": {
 *         "dummy_server": {
 *           "instruction": "update", "change": "advanced", "extra": "[]", "timeout": 10000,
 *           "prePurge": "soft_purge", "postPurge": "soft_purge",
 *           "loadAfter": ["dummy_store"], "dependencies": ["dummy_store"]
 *         }
 *       }
 *     }
 *   },
 *   "allow": [{ "rule": "state-not-converted", "module": "dummy_server", "reason": "its state is a cache" }],
 *   "transforms": ["./transform.mjs"]
 * }
 * ```
 *
 * Instructions and `extra` are Erlang, with or without a full stop.
 *
 * @param file for messages
 * @param ruleCodes those that can be allowed
 * @throws OtpError (`policy`) with every mistake, its place, what was expected and what was found
 */
export function parsePolicy(json: unknown, file: string, ruleCodes: readonly string[]): WrittenPolicy {
  const mistakes = new JsonMistakes(file, 'policy');
  const top = mistakes.object(json, '', ['$schema', 'applications', 'allow', 'transforms']) ?? {};
  const applications = new Map<string, ApplicationPolicy>();
  for (const [name, value] of entriesOf(mistakes, top['applications'], 'applications')) {
    const policy = applicationPolicy(mistakes, value, inside('applications', name));
    if (policy !== undefined) applications.set(name, policy);
  }
  const allow = mistakes
    .list(top['allow'], 'allow', 'findings that are allowed')
    .flatMap((value, at) => allowance(mistakes, value, `allow[${at}]`, ruleCodes) ?? []);
  const transformPaths = mistakes.texts(top['transforms'], 'transforms', 'paths of transforms') ?? [];
  mistakes.throwIfAny();
  return { applications, allow, transformPaths };
}

function entriesOf(mistakes: JsonMistakes, value: unknown, place: string): [string, unknown][] {
  return value === undefined ? [] : Object.entries(mistakes.object(value, place) ?? {});
}

function applicationPolicy(
  mistakes: JsonMistakes,
  value: unknown,
  place: string,
): ApplicationPolicy | undefined {
  const entries = mistakes.object(value, place, ['strategy', 'before', 'after', 'modules']);
  if (entries === undefined) return undefined;
  const modules = new Map<string, ModulePolicy>();
  for (const [name, module] of entriesOf(mistakes, entries['modules'], `${place}.modules`)) {
    const policy = modulePolicy(mistakes, module, inside(`${place}.modules`, name));
    if (policy !== undefined) modules.set(name, policy);
  }
  const strategy = mistakes.oneOf(entries['strategy'], `${place}.strategy`, ['hot', 'restart']) ?? 'hot';
  if (strategy === 'restart' && modules.size > 0) {
    mistakes.add(
      `${place}.modules`,
      'an application with the strategy restart is stopped and started as a whole, so that nothing can be said of its modules. Leave out one of the two.',
    );
  }
  return {
    strategy,
    modules,
    before: steps(mistakes, entries['before'], `${place}.before`),
    after: steps(mistakes, entries['after'], `${place}.after`),
  };
}

function steps(
  mistakes: JsonMistakes,
  value: unknown,
  place: string,
): Readonly<Record<Direction, readonly Instruction[]>> {
  const entries = value === undefined ? {} : (mistakes.object(value, place, ['up', 'down']) ?? {});
  const of = (direction: Direction): Instruction[] =>
    mistakes
      .list(entries[direction], `${place}.${direction}`, 'instructions')
      .flatMap((element, at) => instruction(mistakes, element, `${place}.${direction}[${at}]`) ?? []);
  return { up: of('up'), down: of('down') };
}

function instruction(mistakes: JsonMistakes, value: unknown, place: string): Instruction | undefined {
  const text = mistakes.text(value, place, 'an instruction as Erlang text, such as "{apply,{m,f,[]}}"');
  const term = text === undefined ? undefined : erlang(mistakes, text, place);
  if (term === undefined) return undefined;
  try {
    return parseInstruction(term);
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    mistakes.add(place, error.message);
    return undefined;
  }
}

function erlang(mistakes: JsonMistakes, text: string, place: string): Term | undefined {
  try {
    return parseTermText(text);
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    const column =
      error.position === undefined ? '' : ` (at ${JSON.stringify(text)}, column ${error.position.column})`;
    mistakes.add(place, `${error.problem}${column}`);
    return undefined;
  }
}

/** One term, with or without its full stop. @throws OtpError `term-syntax` */
export function parseTermText(text: string): Term {
  const { terms } = readTerms(
    /\.\s*$/.test(text) ? text : `${text}${text.includes('%') ? '\n' : ' '}.`,
    'text',
  );
  const [term] = terms;
  if (term === undefined || terms.length > 1) {
    throw new OtpError(`expected one Erlang term, found ${terms.length}.`, { code: 'term-syntax' });
  }
  return term;
}

const moduleKeys = [
  'instruction',
  'change',
  'extra',
  'prePurge',
  'postPurge',
  'timeout',
  'loadAfter',
  'dependencies',
] as const;

function modulePolicy(mistakes: JsonMistakes, value: unknown, place: string): ModulePolicy | undefined {
  const entries = mistakes.object(value, place, moduleKeys);
  if (entries === undefined) return undefined;
  const purges = ['soft_purge', 'brutal_purge'] as const;
  const at = (key: (typeof moduleKeys)[number]): string => `${place}.${key}`;
  const instruction = mistakes.oneOf(entries['instruction'], at('instruction'), ['update', 'load_module']);
  const change = mistakes.oneOf(entries['change'], at('change'), ['soft', 'advanced']);
  const extra = extraOf(mistakes, entries, at('extra'));
  const timeout = timeoutOf(mistakes, entries['timeout'], at('timeout'));
  const prePurge = mistakes.oneOf(entries['prePurge'], at('prePurge'), purges);
  const postPurge = mistakes.oneOf(entries['postPurge'], at('postPurge'), purges);
  const loadAfter = mistakes.texts(entries['loadAfter'], at('loadAfter'), 'names of modules');
  const dependencies = mistakes.texts(entries['dependencies'], at('dependencies'), 'names of modules');
  if (instruction === 'load_module') {
    for (const key of ['change', 'extra', 'timeout'] as const) {
      if (entries[key] === undefined) continue;
      mistakes.add(
        at(key),
        'load_module suspends no process and calls no code_change; it is of an update only.',
      );
    }
  }
  if (change === 'soft' && extra !== undefined) {
    mistakes.add(
      at('extra'),
      'it is for code_change, which a soft change does not call. Write "change": "advanced".',
    );
  }
  return {
    ...(instruction !== undefined && { instruction }),
    ...(change !== undefined && { change }),
    ...(extra !== undefined && { extra }),
    ...(prePurge !== undefined && { prePurge }),
    ...(postPurge !== undefined && { postPurge }),
    ...(timeout !== undefined && { timeout }),
    ...(loadAfter !== undefined && { loadAfter }),
    ...(dependencies !== undefined && { dependencies }),
  };
}

function extraOf(mistakes: JsonMistakes, { extra }: JsonObject, place: string): Term | undefined {
  if (extra === undefined) return undefined;
  const text = mistakes.text(extra, place, 'an Erlang term as text, such as "[]"');
  return text === undefined ? undefined : erlang(mistakes, text, place);
}

function timeoutOf(mistakes: JsonMistakes, value: unknown, place: string): ModulePolicy['timeout'] {
  if (value === undefined) return undefined;
  if (value === 'default' || value === 'infinity') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  mistakes.expected(place, '"default", "infinity" or a whole number of milliseconds above 0', value);
  return undefined;
}

function allowance(
  mistakes: JsonMistakes,
  value: unknown,
  place: string,
  ruleCodes: readonly string[],
): Allowance | undefined {
  const entries = mistakes.object(value, place, ['rule', 'application', 'module', 'reason']);
  if (entries === undefined) return undefined;
  const rule = mistakes.text(entries['rule'], `${place}.rule`, 'the code of a rule');
  if (rule !== undefined && !ruleCodes.includes(rule)) {
    mistakes.add(`${place}.rule`, `there is no rule ${rule}.${didYouMean(rule, ruleCodes)}`);
  }
  const optional = (key: 'application' | 'module', what: string): string | undefined =>
    entries[key] === undefined ? undefined : mistakes.text(entries[key], `${place}.${key}`, what);
  const application = optional('application', 'the name of an application');
  const module = optional('module', 'the name of a module');
  const reason = mistakes.text(entries['reason'], `${place}.reason`, 'why this is allowed');
  if (rule === undefined || reason === undefined) return undefined;
  return {
    rule,
    ...(application !== undefined && { application }),
    ...(module !== undefined && { module }),
    reason,
  };
}
