import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeExternalTerm, encodeExternalTerm, list, listElements, type Term } from '../../src/erlang';

const run = promisify(execFile);

/**
 * Asks OTP, in one VM, the questions of relup_oracle.erl (each `{translate, ...}`, `{make_relup, ...}` or
 * `{match, ...}`) and gives the answers in the same order. `questions` gets a folder that is there until OTP has answered.
 */
export async function askOtp(questions: (folder: string) => readonly Term[]): Promise<readonly Term[]> {
  const folder = await mkdtemp(join(tmpdir(), 'relup-oracle-'));
  try {
    const [questionFile, answerFile] = [join(folder, 'questions'), join(folder, 'answers')];
    await writeFile(questionFile, encodeExternalTerm(list(questions(folder))));
    await run('erlc', ['-o', folder, join(__dirname, 'relup_oracle.erl')]);
    await run('erl', ['-noshell', '-pa', folder, '-run', 'relup_oracle', 'main', questionFile, answerFile], {
      timeout: 300_000,
    });
    const answers = listElements(
      decodeExternalTerm(await readFile(answerFile), answerFile, { maxTerms: 100_000_000 }),
    );
    if (answers === undefined) throw new Error('OTP did not answer with a list');
    return answers;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
