import { describe, expect, it } from 'vitest';
import { printTerm, readTerms, type Term } from '../erlang';
import { OtpError } from '../error';
import { generateTranslateCase } from '../../test/relup-oracle/generate-scripts';
import { generated, Random } from '../../test/random';
import { instructionToTerm, parseInstruction, type Instruction } from './instruction';

function term(text: string): Term {
  const [found] = readTerms(`${text}.`, 'test.appup').terms;
  if (found === undefined) throw new Error('no term');
  return found;
}

function oneLine(term: Term): string {
  return printTerm(term).replace(/\s+/g, '');
}

describe('an instruction of an appup', () => {
  it.each([
    ['{update,m}', '{update,m,dynamic,default,soft,brutal_purge,brutal_purge,[]}'],
    ['{update,m,supervisor}', '{update,m,static,default,{advanced,[]},brutal_purge,brutal_purge,[]}'],
    ['{update,m,soft}', '{update,m,dynamic,default,soft,brutal_purge,brutal_purge,[]}'],
    ['{update,m,{advanced,x}}', '{update,m,dynamic,default,{advanced,x},brutal_purge,brutal_purge,[]}'],
    ['{update,m,[d]}', '{update,m,dynamic,default,soft,brutal_purge,brutal_purge,[d]}'],
    ['{update,m,soft,[d]}', '{update,m,dynamic,default,soft,brutal_purge,brutal_purge,[d]}'],
    ['{update,m,soft,soft_purge,soft_purge,[]}', '{update,m,dynamic,default,soft,soft_purge,soft_purge,[]}'],
    ['{update,m,5,soft,soft_purge,soft_purge,[]}', '{update,m,dynamic,5,soft,soft_purge,soft_purge,[]}'],
    [
      '{update,m,static,infinity,soft,soft_purge,soft_purge,[]}',
      '{update,m,static,infinity,soft,soft_purge,soft_purge,[]}',
    ],
    ['{load_module,m}', '{load_module,m,brutal_purge,brutal_purge,[]}'],
    ['{load_module,m,[d]}', '{load_module,m,brutal_purge,brutal_purge,[d]}'],
    ['{load_module,m,soft_purge,brutal_purge,[d]}', '{load_module,m,soft_purge,brutal_purge,[d]}'],
    ['{add_module,m}', '{add_module,m,[]}'],
    ['{add_module,m,[d]}', '{add_module,m,[d]}'],
    ['{delete_module,m}', '{delete_module,m,[]}'],
    ['{delete_module,m,[d]}', '{delete_module,m,[d]}'],
    ['{add_application,a}', '{add_application,a,permanent}'],
    ['{add_application,a,load}', '{add_application,a,load}'],
  ])('%s means %s', (short, full) => {
    expect(oneLine(instructionToTerm(parseInstruction(term(short))))).toBe(full);
    expect(parseInstruction(term(full))).toEqual(parseInstruction(term(short)));
  });

  it.each([
    '{remove_application,a}',
    '{restart_application,a}',
    'restart_new_emulator',
    'restart_emulator',
    'point_of_no_return',
    'restart',
    'reboot',
    '{load_object_code,{a,"1",[m]}}',
    '{load,{m,soft_purge,brutal_purge}}',
    '{remove,{m,soft_purge,brutal_purge}}',
    '{purge,[m,n]}',
    '{suspend,[m,{n,5},{o,default}]}',
    '{resume,[m]}',
    '{code_change,[{m,[]}]}',
    '{code_change,down,[{m,#{a=>1}}]}',
    '{stop,[m]}',
    '{start,[m]}',
    '{sync_nodes,id,[n@h]}',
    '{sync_nodes,{any,id},{m,f,[1]}}',
    '{apply,{m,f,"ab"}}',
  ])('%s is what it is', (text) => {
    expect(oneLine(instructionToTerm(parseInstruction(term(text))))).toBe(text);
  });

  it.each([
    [
      '{update,m,supervisor,[d]}',
      'bad_instruction',
      'An update of a supervisor takes no DepMods: write {update, Module, supervisor}.',
    ],
    ['{load_module,m,soft_purge,soft_purge}', 'bad_instruction', 'See appup(4)'],
    ['{load_module,m,d}', 'bad_instruction', 'See appup(4)'],
    ['"hello"', 'bad_instruction', 'An instruction is a tuple or an atom.'],
    ['17', 'bad_instruction', '17 is not an instruction of an appup.'],
    ['{}', 'bad_instruction', '{} is not'],
    ['{update}', 'bad_instruction', '{update} is not'],
    ['mnesia_backup', 'not_yet_implemented', 'mnesia_backup is not implemented in OTP.'],
    ['{update,"m"}', 'bad_module', '"m" is not a module.'],
    ['{update,m,{adv,1}}', 'bad_change', 'It is soft or {advanced, Extra}.'],
    ['{update,m,soft,soft,soft_purge,[]}', 'bad_purge_method', 'It is soft_purge or brutal_purge.'],
    ['{update,m,0,soft,soft_purge,soft_purge,[]}', 'bad_timeout', '0 is not a timeout.'],
    [
      '{update,m,static,soft,soft_purge,soft_purge,[]}',
      'bad_timeout',
      'An update with a module type is {update, Module, ModType, Timeout,',
    ],
    ['{update,m,semi,5,soft,soft_purge,soft_purge,[]}', 'bad_mod_type', 'semi is not a module type.'],
    ['{update,m,soft,soft_purge,soft_purge,n}', 'bad_list', 'n is not a list.'],
    ['{load_module,m,[a|b]}', 'bad_list', 'is not a list.'],
    ['{add_application,a,forever}', 'bad_start_type', 'forever is not a start type.'],
    ['{remove_application,"a"}', 'bad_application', '"a" is not an application.'],
    ['{load_object_code,{"a","1",[]}}', 'bad_lib', '"a" is not the name of an application.'],
    ['{load_object_code,{a,1,[]}}', 'bad_lib_vsn', '1 is not the version of an application.'],
    ['{code_change,sideways,[]}', 'bad_mode', 'It is up or down.'],
    ['{code_change,[m]}', 'bad_code_change', 'It is {Module, Extra}.'],
    ['{sync_nodes,id,["n"]}', 'bad_node', '"n" is not a node.'],
    ['{apply,{m,"f",[]}}', 'bad_func', '"f" is not a function.'],
    ['{apply,{m,f,x}}', 'bad_args_list', 'x is not the arguments of a call.'],
  ])('%s is refused as %s', (text, code, message) => {
    try {
      parseInstruction(term(text));
    } catch (error) {
      if (!(error instanceof OtpError)) throw error;
      expect(error.code).toBe(code);
      expect(error.message).toContain(message);
      return;
    }
    expect.unreachable(`${text} was read`);
  });

  it('has no short forms inside of a list', () => {
    expect(() => parseInstruction(term('{load_module,m}'), { short: false })).toThrow(
      'is not an instruction',
    );
    expect(() => parseInstruction(term('{add_application,a}'), { short: false })).toThrow(
      'is not an instruction',
    );
    expect(parseInstruction(term('{add_module,m}'), { short: false })).toEqual({
      kind: 'add_module',
      module: 'm',
      dependencies: [],
    });
  });
});

describe('the shortest form', () => {
  it.each([
    '{update,m}',
    '{update,m,supervisor}',
    '{update,m,{advanced,[]}}',
    '{update,m,[d]}',
    '{update,m,{advanced,x},[d]}',
    '{update,m,soft,soft_purge,brutal_purge,[]}',
    '{update,m,5,soft,brutal_purge,brutal_purge,[]}',
    '{update,m,static,default,soft,brutal_purge,brutal_purge,[]}',
    '{load_module,m}',
    '{load_module,m,[d]}',
    '{load_module,m,soft_purge,soft_purge,[]}',
    '{add_module,m}',
    '{delete_module,m,[d]}',
    '{add_application,a}',
    '{add_application,a,none}',
  ])('of %s is itself', (text) => {
    expect(oneLine(instructionToTerm(parseInstruction(term(text)), { shortest: true }))).toBe(text);
  });

  it('and the full one read back as the same instruction', () => {
    const { seed, count } = generated('INSTRUCTION', 500);
    let compared = 0;
    for (let index = 0; index < count; index++) {
      const { scripts } = generateTranslateCase(new Random(seed + index));
      for (const written of scripts.flat()) {
        const instruction = read(written);
        if (instruction === undefined) continue;
        compared++;
        for (const shortest of [true, false]) {
          const again = parseInstruction(instructionToTerm(instruction, { shortest }));
          expect(again, `INSTRUCTION_SEED=${seed + index}`).toEqual(instruction);
        }
      }
    }
    expect(compared).toBeGreaterThan(count);
  });
});

function read(written: Term): Instruction | undefined {
  try {
    return parseInstruction(written);
  } catch (error) {
    if (error instanceof OtpError) return undefined;
    throw error;
  }
}
