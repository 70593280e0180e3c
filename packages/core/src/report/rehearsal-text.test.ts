import { expect, it } from 'vitest';
import type { Rehearsal } from '../rehearsal/model';
import { formatRehearsal } from './rehearsal-text';

const load = {
  clients: 4,
  calls: 12,
  failures: 0,
  longestMilliseconds: 3.21,
  probes: [],
};

const passed: Rehearsal = {
  formatVersion: 1,
  passed: true,
  name: 'shop',
  base: '1',
  version: '2',
  layout: 'reltool',
  otp: '25',
  erts: '13',
  emulator: 'own',
  isolation: { network: 'namespace' },
  findings: [],
  milliseconds: 6400,
  steps: [
    { name: 'boot', title: 'boot 1', passed: true, milliseconds: 271, findings: [], probes: [] },
    {
      name: 'install',
      title: 'install 2',
      passed: true,
      milliseconds: 1584,
      findings: [],
      probes: [{ name: 'p', passed: true, text: 'ok', milliseconds: 0.1 }],
      installation: {
        to: '2',
        milliseconds: 20,
        instructions: [],
        suspended: [
          { process: { pid: '<0.1.0>', application: 'shop', registeredName: 'a' }, milliseconds: 1 },
          { process: { pid: '<0.2.0>', application: 'shop', path: 'sup/b' }, milliseconds: 2.5 },
        ],
        load,
      },
    },
  ],
};

it('is short when all is well', () => {
  expect(formatRehearsal(passed).split('\n')).toEqual([
    'shop 1 -> 2 -> 1, rehearsed on OTP 25, in a network of its own',
    '  ok     boot 1 (271 ms)',
    '  ok     install 2 (1.6 s): release_handler took 20 ms; 12 calls meanwhile, the longest 3.2 ms; 2 processes suspended, the child sup/b (shop, <0.2.0>) for 2.5 ms; 1 of 1 probe as expected',
    'The rehearsal passed: 2 steps, 12 calls while release_handler was at work (6.4 s).',
  ]);
});

it('is precise when it is not: the instruction, where it came from, and what an operator finds', () => {
  const failed: Rehearsal = {
    ...passed,
    passed: false,
    isolation: { network: 'shared', reason: 'the kernel does not allow it' },
    steps: [
      {
        name: 'install',
        title: 'install 2',
        passed: false,
        milliseconds: 5,
        probes: [],
        findings: [
          {
            severity: 'error',
            code: 'code-change-failed',
            text: 'code_change failed.',
            term: '{error,oops}',
            count: 2,
            instruction: {
              index: 3,
              instruction: '{code_change, up, [{a, []}]}',
              appup: {
                application: 'shop',
                file: 'lib/shop-2/ebin/shop.appup',
                line: 5,
                section: 'up from 1',
                instruction: '{update, a}',
                reason: 'its code changed',
              },
            },
          },
        ],
      },
    ],
    aftermath: {
      node: 'restarted',
      releases: [{ version: '1', status: 'permanent' }],
      applications: [],
      restart: {
        boots: true,
        version: '1',
        applications: [{ name: 'shop', version: '1' }],
        releases: [
          { version: '2', status: 'unpacked' },
          { version: '1', status: 'permanent' },
        ],
        probes: [],
      },
      left: ['lib/shop-2/ebin/a.beam', 'lib/shop-2/ebin/shop.app', 'releases/2/relup', 'releases/x.tar.gz'],
    },
  };
  expect(formatRehearsal(failed).split('\n')).toEqual([
    'shop 1 -> 2 -> 1, rehearsed on OTP 25, in the network of this machine (the kernel does not allow it)',
    '  FAILED install 2 (5.0 ms)',
    '         error code-change-failed: code_change failed. (2 times)',
    '           at {code_change, up, [{a, []}]}',
    '           from lib/shop-2/ebin/shop.appup:5, up from 1: {update, a}, planned because its code changed',
    '           | {error,oops}',
    'Afterwards an operator finds:',
    '  the node restarted itself, and runs 1.',
    '  A restart boots 1 (shop 1); release_handler knows 2 unpacked, 1 permanent.',
    '  Left on disk, where a next try finds it: lib/shop-2, releases/2, releases/x.tar.gz.',
    'The rehearsal FAILED: 1 error (6.4 s).',
  ]);
});
