import { OtpError } from '@nx-otp/core';

/**
 * Runs one step. A mistake of the user's becomes its sentence and a failed task; anything else is a defect of ours,
 * and keeps its stack trace. A step that never comes to its end is a failure, too: Node leaves with exit code 0
 * when nothing is left to wait for.
 * @param nextCommand what to run after a mistake, as a sentence
 */
export async function runStep(
  step: () => Promise<void>,
  nextCommand: (error: OtpError) => string | undefined = () => undefined,
): Promise<{ success: boolean }> {
  const unfinished = (): void => {
    console.error('the step stopped half way, without a result or an error: this is a defect of nx-otp.');
    process.exitCode = 1;
  };
  process.once('exit', unfinished);
  try {
    await step();
    return { success: true };
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    console.error(error.message);
    const next = nextCommand(error);
    if (next !== undefined) console.error(next);
    return { success: false };
  } finally {
    process.off('exit', unfinished);
  }
}
