import { compileWorkspace, OtpError, type CompileResult } from '@nx-otp/core';
import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { librariesOf } from '../../task/libraries';
import { reportOf } from './executor';

/** What Nx takes from the iterator of a batch; `@nx/devkit` does not export it. */
interface BatchExecutorTaskResult {
  readonly task: string;
  readonly result: {
    readonly success: boolean;
    readonly status: 'success' | 'failure' | 'skipped';
    readonly terminalOutput: string;
    /** In milliseconds since 1970, as the end. */
    readonly startTime: number;
    readonly endTime: number;
  };
}

/**
 * Compiles the applications of all tasks of a batch in one Erlang VM, and yields the result of each as soon as it and all
 * that it needs are compiled.
 */
export default async function* compileApplications(
  taskGraph: TaskGraph,
  _options: Readonly<Record<string, unknown>>,
  _overrides: unknown,
  context: ExecutorContext,
): AsyncGenerator<BatchExecutorTaskResult> {
  const startTime = Date.now();
  const tasks = new Map<string, string>();
  const applications = Object.values(taskGraph.tasks).map(({ id, target, projectRoot }) => {
    const folder = projectRoot ?? context.projectGraph.nodes[target.project]?.data.root ?? target.project;
    tasks.set(folder, id);
    return { folder, libraries: librariesOf(target.project, context) };
  });
  const results = new Stream<CompileResult>();
  const work = compileWorkspace({
    workspaceRoot: context.root,
    applications,
    settled: (result) => {
      results.push(result);
    },
  }).finally(() => {
    results.end();
  });
  // It is awaited below, after the results that there are.
  work.catch(() => undefined);
  for await (const result of results.values()) {
    const task = tasks.get(result.folder) ?? '';
    tasks.delete(result.folder);
    yield { task, result: taskResult(result.kind, reportOf(result), startTime) };
  }
  try {
    await work;
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    for (const task of tasks.values()) {
      yield { task, result: taskResult('failed', error.message, startTime) };
    }
  }
}

function taskResult(
  kind: CompileResult['kind'],
  text: string,
  startTime: number,
): BatchExecutorTaskResult['result'] {
  return {
    success: kind === 'compiled',
    status: kind === 'compiled' ? 'success' : kind === 'failed' ? 'failure' : 'skipped',
    terminalOutput: `${text}\n`,
    startTime,
    endTime: Date.now(),
  };
}

/** What is pushed before the end can be iterated. */
class Stream<T> {
  private readonly waiting: T[] = [];
  private ended = false;
  private wake: () => void = () => undefined;

  push(value: T): void {
    this.waiting.push(value);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  async *values(): AsyncGenerator<T> {
    for (;;) {
      for (let value = this.waiting.shift(); value !== undefined; value = this.waiting.shift()) yield value;
      if (this.ended) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
