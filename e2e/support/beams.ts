import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Compiles the module `dummy_app` with another body into the `ebin` of a release: code that nobody released. */
export function replaceDummyApp(ebin: string): void {
  const folder = mkdtempSync(join(ebin, '..', 'source-'));
  const source = join(folder, 'dummy_app.erl');
  writeFileSync(
    source,
    [
      '-module(dummy_app).',
      '-behaviour(application).',
      '-export([start/2, stop/1]).',
      'start(_, Args) -> io:format("~p~n", [Args]), dummy_sup:start_link().',
      'stop(_) -> ok.',
      '',
    ].join('\n'),
  );
  execFileSync('erlc', ['+debug_info', '+deterministic', '-o', ebin, source]);
  rmSync(folder, { recursive: true });
}
