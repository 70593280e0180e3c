import { isAbsolute, relative, resolve, sep } from 'node:path';
import { OtpError } from '../error';

/**
 * The folder of an output is replaced as a whole, and previous releases are never written to: so it may not be an
 * input, nor hold one, nor lie in one.
 * @param inputs files and folders; absolute, or relative to the working directory, like `outputPath`
 * @throws OtpError `output-path`
 */
export function refuseOutputPath(outputPath: string, inputs: readonly string[]): void {
  for (const input of inputs) {
    const fix = 'Choose another outputPath.';
    if (isWithin(input, outputPath)) {
      throw new OtpError(`the output would replace ${input}, of which it is made.`, {
        code: 'output-path',
        file: outputPath,
        fix,
      });
    }
    if (isWithin(outputPath, input)) {
      throw new OtpError(`the output would be written into ${input}, of which it is made.`, {
        code: 'output-path',
        file: outputPath,
        fix,
      });
    }
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}
