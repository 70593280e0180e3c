import { describe, expect, it } from 'vitest';
import { runNode } from './run-node';

const sh = (script: string, started: () => void = () => undefined) =>
  runNode({ command: '/bin/sh', args: ['-c', script], env: {}, cwd: '/' }, false, async () => {
    started();
    return Promise.resolve();
  });

describe('a node that ends', () => {
  it('by itself: with its exit code, or none where it was killed', async () => {
    expect(await sh('exit 3')).toEqual({ asked: false, code: 3 });
    expect(await sh('kill -KILL $$')).toEqual({ asked: false, code: undefined });
  });

  it('on a signal to this process: in order', async () => {
    const end = sh('trap "exit 7" TERM; while :; do sleep 0.05; done', () => {
      setTimeout(() => process.emit('SIGTERM', 'SIGTERM'), 300);
    });
    expect(await end).toEqual({ asked: true, code: 7 });
  });

  it('is killed by a second Ctrl-C where it does not stop', async () => {
    const end = sh('trap "" TERM; while :; do sleep 0.05; done', () => {
      for (const after of [300, 500]) setTimeout(() => process.emit('SIGINT', 'SIGINT'), after);
    });
    expect(await end).toEqual({ asked: true, code: undefined });
  });

  it('cannot be started where there is no such program', async () => {
    const none = { command: '/nonexistent', args: [], env: {}, cwd: '/' };
    await expect(runNode(none, false, () => Promise.resolve())).rejects.toThrow('ENOENT');
  });
});
