import { expect, it } from 'vitest';
import { InstallationRecord } from './installation-record';

const record = (): InstallationRecord =>
  new InstallationRecord(undefined, undefined, (pid) => ({
    pid,
    application: 'shop',
    registeredName: 'shop',
  }));

it('tells what was suspended, from the call to the end of its resumption', () => {
  const one = record();
  one.take('instruction', { at: -5000, index: 0, text: '{suspend,[shop]}' });
  one.take('called', { at: -4000, what: 'suspend', pid: '<0.1.0>', module: '' });
  one.take('returned', { at: -3900, what: 'suspend', pid: '<0.1.0>', ok: true });
  one.take('instruction', { at: -3000, index: 1, text: '{resume,[shop]}' });
  one.take('called', { at: -2500, what: 'resume', pid: '<0.1.0>', module: '' });
  one.take('returned', { at: -2000, what: 'resume', pid: '<0.1.0>', ok: true });
  expect(one.suspended(0).map(({ milliseconds }) => milliseconds)).toEqual([2]);
  expect(one.instructions(0)).toEqual([
    { instruction: '{suspend,[shop]}', milliseconds: 2 },
    { instruction: '{resume,[shop]}', milliseconds: 3 },
  ]);
  expect(one.current).toEqual({ index: 1, instruction: '{resume,[shop]}' });
  expect(one.findings).toEqual([]);
});

it('one that did not answer was not suspended, and one that has gone is no finding', () => {
  const one = record();
  one.take('called', { at: 0, what: 'suspend', pid: '<0.1.0>' });
  one.take('returned', {
    at: 5,
    what: 'suspend',
    pid: '<0.1.0>',
    ok: false,
    reason: '{exit,{timeout,x}}',
    where: 'a:b/0',
  });
  one.take('called', { at: 6, what: 'suspend', pid: '<0.2.0>' });
  one.take('returned', {
    at: 7,
    what: 'suspend',
    pid: '<0.2.0>',
    ok: false,
    reason: '{exit,{noproc,x}}',
    where: '',
  });
  expect(one.suspended(9)).toEqual([]);
  expect(one.findings.map(({ code }) => code)).toEqual(['not-suspended']);
  expect(one.findings[0]?.text).toContain(
    'shop (shop, <0.1.0>) was asked to suspend and did not answer in time (it is in a:b/0)',
  );
});

it('one that ended when it was asked to suspend, and one that is still waited for', () => {
  const one = record();
  one.take('called', { at: 0, what: 'suspend', pid: '<0.1.0>' });
  expect(one.waitsFor).toMatchObject({ pid: '<0.1.0>', registeredName: 'shop' });
  one.take('returned', {
    at: 1,
    what: 'suspend',
    pid: '<0.1.0>',
    ok: false,
    reason: '{exit,{{bad,state},{sys,suspend,[<0.1.0>]}}}',
    where: '',
  });
  expect(one.waitsFor).toBeUndefined();
  expect(one.findings.map(({ code, text }) => [code, text])).toEqual([
    ['process-gone', 'shop (shop, <0.1.0>) ended when it was asked to suspend, with the reason {bad,state}.'],
  ]);
});

it('a code change that failed names the process, its state and the reason', () => {
  const one = record();
  one.take('called', { at: 0, what: 'change_code', pid: '<0.1.0>', module: 'shop' });
  one.take('returned', {
    at: 1,
    what: 'change_code',
    pid: '<0.1.0>',
    ok: false,
    reason: '{error,oops}',
    state: '{state,1}',
  });
  expect(one.findings[0]?.text).toBe(
    'code_change of shop failed in shop (shop, <0.1.0>): it gave oops, and not {ok, State}. Its state is {state,1}.',
  );
});

it('the result of an apply is looked at, which release_handler does not do', () => {
  const one = record();
  one.take('applied', { at: 0, call: 'application:start/1', failed: true, value: '{error,x}' });
  one.take('applied', { at: 0, call: 'a:b/0', failed: false, value: 'ok' });
  expect(one.findings.map(({ text }) => text)).toEqual([
    'application:start/1 gave {error,x}, which release_handler does not look at.',
  ]);
});
