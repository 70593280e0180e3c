import { OtpError } from '@nx-otp/core';

/**
 * Runs one step. A mistake of the user's becomes its sentence and a failed task; anything else is a defect of ours,
 * and keeps its stack trace.
 */
export async function runStep(step: () => Promise<void>): Promise<{ success: boolean }> {
  try {
    await step();
    return { success: true };
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    console.error(error.message);
    return { success: false };
  }
}
