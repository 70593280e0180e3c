import { OtpError } from '../error';

/** The error for a file that is not a BEAM file, or one whose bytes contradict themselves (`code: 'beam-corrupt'`). */
export function corruptBeam(origin: string, problem: string, cause?: unknown): OtpError {
  return new OtpError(problem, {
    code: 'beam-corrupt',
    file: origin,
    fix: 'Compile the module again, or copy the file again from where it was built.',
    cause,
  });
}
