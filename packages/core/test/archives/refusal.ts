import { OtpError } from '../../src/error';

/** The error that an action ends in, as code and message; anything but an `OtpError` fails the test. */
export async function refusal(action: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await action;
  } catch (error) {
    if (error instanceof OtpError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected an OtpError, and it went well');
}
