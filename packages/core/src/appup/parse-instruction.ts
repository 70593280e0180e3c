import { atom, listElements, nil, printTerm, stringValue, tuple, type Term } from '../erlang';
import { OtpError } from '../error';
import type { StartType } from '../release/model';
import type { Change, FunctionCall, Instruction, Purge, SuspendTimeout } from './instruction';

/**
 * Reads one element of an appup's script: the expansions of `systools_rc:expand_script/1` and
 * `normalize_instrs/1`, and the checks of `check_op/1`.
 *
 * An element that is itself a list is no instruction: systools puts its elements in its place, and does not
 * expand short forms such as `{load_module,m}` in them. For those elements, `short` is false.
 *
 * An improper list, on which systools crashes, is refused as `bad_list` (`bad_args_list` in a call), and a
 * library version that is a list of something other than characters as `bad_lib_vsn`.
 *
 * @throws OtpError whose code is the error of `systools_rc`: `bad_instruction`, `bad_module`, `bad_timeout`...
 */
export function parseInstruction(
  term: Term,
  { short = true }: { readonly short?: boolean } = {},
): Instruction {
  if (term.kind === 'atom') return parseAtom(term.name, term);
  if (term.kind !== 'tuple') throw badInstruction(term);
  const [head, ...args] = term.elements;
  if (head?.kind !== 'atom') throw badInstruction(term);
  const [first, second, third, fourth] = args;
  if (first === undefined) throw badInstruction(term);
  switch (head.name) {
    case 'update':
      return parseUpdate(term, args, short);
    case 'load_module':
      return parseLoadModule(term, args, short);
    case 'add_module':
    case 'delete_module': {
      if (args.length > 2) throw badInstruction(term);
      const module = moduleName(first);
      return { kind: head.name, module, dependencies: second === undefined ? [] : moduleNames(second) };
    }
    case 'add_application': {
      if (second === undefined ? !short : args.length > 2) throw badInstruction(term);
      const application = applicationName(first);
      return {
        kind: 'add_application',
        application,
        startType: second === undefined ? 'permanent' : startType(second),
      };
    }
    case 'code_change':
      if (second === undefined) return { kind: 'code_change', changes: codeChanges(first) };
      if (third !== undefined) throw badInstruction(term);
      return parseCodeChangeWithMode(first, second);
    case 'sync_nodes':
      if (second === undefined || third !== undefined) throw badInstruction(term);
      return { kind: 'sync_nodes', id: first, nodes: syncedNodes(second) };
  }
  if (second !== undefined || fourth !== undefined) throw badInstruction(term);
  return parseUnary(head.name, first, term);
}

/** The instructions of the form `{Name, Argument}`. */
function parseUnary(name: string, argument: Term, term: Term): Instruction {
  switch (name) {
    case 'remove_application':
    case 'restart_application':
      return { kind: name, application: applicationName(argument) };
    case 'load_object_code': {
      const [library, version, modules] = elements(argument, 3) ?? [];
      if (library === undefined || version === undefined || modules === undefined) throw badInstruction(term);
      return {
        kind: 'load_object_code',
        application: libraryName(library),
        version: libraryVersion(version),
        modules: moduleNames(modules),
      };
    }
    case 'load':
    case 'remove': {
      const [module, pre, post] = elements(argument, 3) ?? [];
      if (module === undefined || pre === undefined || post === undefined) throw badInstruction(term);
      return { kind: name, module: moduleName(module), prePurge: purge(pre), postPurge: purge(post) };
    }
    case 'purge':
    case 'resume':
    case 'stop':
    case 'start':
      return { kind: name, modules: moduleNames(argument) };
    case 'suspend':
      return { kind: 'suspend', modules: properList(argument).map(suspendedModule) };
    case 'apply': {
      if (elements(argument, 3) === undefined) throw badInstruction(term);
      return { kind: 'apply', call: functionCall(argument) };
    }
    default:
      throw badInstruction(term);
  }
}

function parseAtom(name: string, term: Term): Instruction {
  switch (name) {
    case 'point_of_no_return':
    case 'restart_new_emulator':
    case 'restart_emulator':
    case 'restart':
    case 'reboot':
      return { kind: name };
    case 'mnesia_backup':
      throw new OtpError('mnesia_backup is not implemented in OTP.', {
        code: 'not_yet_implemented',
        fix: 'Call the backup from an {apply,{M,F,A}} before point_of_no_return.',
      });
    default:
      throw badInstruction(term);
  }
}

function parseUpdate(term: Term, args: readonly Term[], short: boolean): Instruction {
  const full = short ? expandUpdate(args) : args;
  const [module, ...rest] = full;
  const dependencies = rest.pop();
  const postPurge = rest.pop();
  const prePurge = rest.pop();
  const change = rest.pop();
  const timeout = rest.pop();
  const moduleType = rest.pop();
  if (
    module === undefined ||
    dependencies === undefined ||
    postPurge === undefined ||
    prePurge === undefined ||
    change === undefined ||
    rest.length > 0
  ) {
    throw badInstruction(term);
  }
  // In the order of check_op/1, so that of several mistakes the same one is named.
  return {
    kind: 'update',
    module: moduleName(module),
    moduleType: moduleType === undefined ? 'dynamic' : moduleTypeOf(moduleType),
    timeout: timeout === undefined ? 'default' : suspendTimeout(timeout),
    change: changeOf(change),
    prePurge: purge(prePurge),
    postPurge: purge(postPurge),
    dependencies: moduleNames(dependencies),
  };
}

const brutalPurge = atom('brutal_purge');

/** The arguments of a short `update`, written out; others as they are. */
function expandUpdate(args: readonly Term[]): readonly Term[] {
  const [module, second, third] = args;
  if (module === undefined) return args;
  if (second === undefined) return [module, atom('soft'), brutalPurge, brutalPurge, nil];
  const isChange = second.kind === 'tuple' || (second.kind === 'atom' && second.name === 'soft');
  if (third === undefined) {
    if (second.kind === 'atom' && second.name === 'supervisor') {
      const change = tuple(atom('advanced'), nil);
      return [module, atom('static'), atom('default'), change, brutalPurge, brutalPurge, nil];
    }
    if (isChange) return [module, second, brutalPurge, brutalPurge, nil];
    return isList(second) ? [module, atom('soft'), brutalPurge, brutalPurge, second] : args;
  }
  return args.length === 3 && isChange && isList(third)
    ? [module, second, brutalPurge, brutalPurge, third]
    : args;
}

function parseLoadModule(term: Term, args: readonly Term[], short: boolean): Instruction {
  const [module, second, post, dependencies] = args;
  if (module === undefined) throw badInstruction(term);
  const brutal = { prePurge: 'brutal_purge', postPurge: 'brutal_purge' } as const;
  if (short && second === undefined) {
    return { kind: 'load_module', module: moduleName(module), ...brutal, dependencies: [] };
  }
  if (short && args.length === 2 && second !== undefined && isList(second)) {
    return { kind: 'load_module', module: moduleName(module), ...brutal, dependencies: moduleNames(second) };
  }
  if (second === undefined || post === undefined || dependencies === undefined || args.length > 4) {
    throw badInstruction(term);
  }
  return {
    kind: 'load_module',
    module: moduleName(module),
    prePurge: purge(second),
    postPurge: purge(post),
    dependencies: moduleNames(dependencies),
  };
}

function parseCodeChangeWithMode(mode: Term, changes: Term): Instruction {
  properList(changes);
  if (mode.kind !== 'atom' || (mode.name !== 'up' && mode.name !== 'down')) {
    throw bad('bad_mode', mode, 'the mode of a code_change', 'It is up or down.');
  }
  return { kind: 'code_change', mode: mode.name, changes: codeChanges(changes) };
}

function codeChanges(term: Term): { module: string; extra: Term }[] {
  return properList(term).map((change) => {
    const [module, extra] = elements(change, 2) ?? [];
    if (module === undefined || extra === undefined) {
      throw bad('bad_code_change', change, 'an element of a code_change', 'It is {Module, Extra}.');
    }
    return { module: moduleName(module), extra };
  });
}

function suspendedModule(term: Term): { module: string; timeout?: SuspendTimeout } {
  const [module, timeout] = elements(term, 2) ?? [];
  if (module === undefined || timeout === undefined) return { module: moduleName(term) };
  return { module: moduleName(module), timeout: suspendTimeout(timeout) };
}

function syncedNodes(term: Term): readonly string[] | FunctionCall {
  if (elements(term, 3) !== undefined) return functionCall(term);
  return properList(term).map((node) => atomName(node, 'bad_node', 'a node', 'It is an atom.'));
}

/** Of a tuple of three. */
function functionCall(term: Term): FunctionCall {
  const [module, name, args] = elements(term, 3) ?? [];
  if (module === undefined || name === undefined || args === undefined) throw badInstruction(term);
  const call = {
    module: moduleName(module),
    function: atomName(name, 'bad_func', 'a function', 'It is an atom.'),
  };
  const argList = listElements(args);
  if (argList === undefined) {
    throw bad('bad_args_list', args, 'the arguments of a call', 'They are a proper list.');
  }
  return { ...call, args: argList };
}

function moduleName(term: Term): string {
  return atomName(term, 'bad_module', 'a module', 'It is an atom.');
}

function applicationName(term: Term): string {
  return atomName(term, 'bad_application', 'an application', 'It is an atom.');
}

function libraryName(term: Term): string {
  return atomName(term, 'bad_lib', 'the name of an application', 'It is an atom.');
}

function libraryVersion(term: Term): string {
  const version = stringValue(term);
  if (version === undefined)
    throw bad('bad_lib_vsn', term, 'the version of an application', 'It is a string.');
  return version;
}

function moduleNames(term: Term): string[] {
  return properList(term).map(moduleName);
}

function properList(term: Term): readonly Term[] {
  const found = listElements(term);
  if (found === undefined) throw bad('bad_list', term, 'a list', 'Write the elements between [ and ].');
  return found;
}

function moduleTypeOf(term: Term): 'static' | 'dynamic' {
  if (term.kind === 'atom' && (term.name === 'static' || term.name === 'dynamic')) return term.name;
  throw bad('bad_mod_type', term, 'a module type', 'It is static or dynamic.');
}

function changeOf(term: Term): Change {
  if (term.kind === 'atom' && term.name === 'soft') return { kind: 'soft' };
  const [tag, extra] = elements(term, 2) ?? [];
  if (extra !== undefined && tag?.kind === 'atom' && tag.name === 'advanced')
    return { kind: 'advanced', extra };
  throw bad('bad_change', term, 'a change', 'It is soft or {advanced, Extra}.');
}

function purge(term: Term): Purge {
  if (term.kind === 'atom' && (term.name === 'soft_purge' || term.name === 'brutal_purge')) return term.name;
  throw bad('bad_purge_method', term, 'a purge method', 'It is soft_purge or brutal_purge.');
}

function suspendTimeout(term: Term): SuspendTimeout {
  if (term.kind === 'atom' && (term.name === 'default' || term.name === 'infinity')) return term.name;
  if (term.kind === 'integer' && term.value > 0) return term.value;
  const isModuleType = term.kind === 'atom' && (term.name === 'static' || term.name === 'dynamic');
  throw bad(
    'bad_timeout',
    term,
    'a timeout',
    isModuleType
      ? 'An update with a module type is {update, Module, ModType, Timeout, Change, PrePurge, PostPurge, DepMods}.'
      : 'It is default, infinity or a number of milliseconds above 0.',
  );
}

function startType(term: Term): StartType {
  if (term.kind === 'atom') {
    switch (term.name) {
      case 'permanent':
      case 'transient':
      case 'temporary':
      case 'load':
      case 'none':
        return term.name;
    }
  }
  throw bad('bad_start_type', term, 'a start type', 'It is permanent, transient, temporary, load or none.');
}

function atomName(term: Term, code: string, what: string, fix: string): string {
  if (term.kind !== 'atom') throw bad(code, term, what, fix);
  return term.name;
}

/** The elements of a tuple of `size`. */
function elements(term: Term, size: number): readonly Term[] | undefined {
  return term.kind === 'tuple' && term.elements.length === size ? term.elements : undefined;
}

/** As `is_list/1`: an improper list is one too. */
function isList(term: Term): boolean {
  return term.kind === 'list' || term.kind === 'string';
}

function bad(code: string, found: Term, what: string, fix: string): OtpError {
  return new OtpError(`${printTerm(found)} is not ${what}.`, { code, fix });
}

function badInstruction(term: Term): OtpError {
  return new OtpError(`${printTerm(term)} is not an instruction of an appup.`, {
    code: 'bad_instruction',
    fix: fixOf(term),
  });
}

function fixOf(term: Term): string {
  const [head, , third] = term.kind === 'tuple' ? term.elements : [];
  if (
    head?.kind === 'atom' &&
    head.name === 'update' &&
    third?.kind === 'atom' &&
    third.name === 'supervisor'
  ) {
    return 'An update of a supervisor takes no DepMods: write {update, Module, supervisor}.';
  }
  if (isList(term)) return 'An instruction is a tuple or an atom.';
  return 'See appup(4) for the forms it may have; inside a nested list only the full forms are read.';
}
