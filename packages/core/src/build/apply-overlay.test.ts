import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTerms } from '../erlang';
import { applyOverlay } from './apply-overlay';
import { parseReltoolConfig } from './reltool-config';

let project: string;
let made: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'nx-otp overlay (ü) [x]-'));
  made = join(project, 'out', '.dummy-new');
  await mkdir(made, { recursive: true });
  await mkdir(join(project, 'rel'));
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function write(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true });
  await writeFile(join(project, path), content);
  await chmod(join(project, path), mode);
}

async function overlay(commands: string, more = ''): Promise<void> {
  const text = `{sys, [{rel, "dummy", "0.2", [sasl]}, {boot_rel, "dummy"}]}.\n{overlay, [${commands}]}.\n${more}`;
  const config = parseReltoolConfig(readTerms(Buffer.from(text), 'rel/reltool.config'), join(project, 'rel'));
  await applyOverlay(config, { made, path: join(project, 'out', 'dummy'), ertsVersion: '13.1.5' });
}

const read = (path: string): Promise<string> => readFile(join(made, path), 'utf8');

describe('an overlay', () => {
  it('makes folders, with parents and variables', async () => {
    await overlay('{mkdir, "log/{{rel_vsn}}/{{erts_vsn}}"}');
    expect((await stat(join(made, 'log/0.2/erts-13.1.5'))).isDirectory()).toBe(true);
  });

  it('copies a file with its mode to a name, or into a folder that is there', async () => {
    await write('rel/files/start', 'run', 0o755);
    await overlay('{copy, "files/start", "bin/dummy"}, {copy, "files/start", "bin"}, {copy, "files/start"}');
    expect(await read('bin/dummy')).toBe('run');
    expect((await stat(join(made, 'bin/dummy'))).mode & 0o777).toBe(0o755);
    expect(await read('bin/start')).toBe('run');
    expect(await read('start')).toBe('run');
  });

  it('copies a folder as cp -R does: to a new name, or into the folder that is there', async () => {
    await write('rel/files/etc/a', 'A');
    await write('rel/files/etc/deep/b', 'B');
    await overlay('{copy, "files/etc", "share/etc"}, {copy, "files/etc", "share/etc"}');
    expect(await read('share/etc/deep/b')).toBe('B');
    expect(await read('share/etc/etc/a')).toBe('A');
  });

  it('copies everything that a pattern matches into a folder', async () => {
    await write('rel/files/a.cfg', 'A');
    await write('rel/files/b.cfg', 'B');
    await write('rel/files/c.txt', 'C');
    await overlay('{copy, "files/*.cfg", "etc/{{rel_vsn}}"}');
    expect((await readdir(join(made, 'etc/0.2'))).sort()).toEqual(['a.cfg', 'b.cfg']);
  });

  it('copies what a symbolic link points to', async () => {
    await write('rel/files/real', 'content');
    await symlink('real', join(project, 'rel/files/link'));
    await overlay('{copy, "files/link", "etc/link"}');
    await rm(join(project, 'rel'), { recursive: true });
    expect(await read('etc/link')).toBe('content');
  });

  it("takes a source in rebar's target_dir from the release that is being made", async () => {
    await mkdir(join(made, 'bin'));
    await writeFile(join(made, 'bin/start_clean.boot'), 'boot');
    await overlay('{copy, "dummy/bin/start_clean.boot", "{{erts_vsn}}/bin/start_clean.boot"}');
    expect(await read('erts-13.1.5/bin/start_clean.boot')).toBe('boot');
  });

  it('fills templates in, keeps their mode, and does not take Erlang for variables', async () => {
    await write('rel/files/run', 'exec {{erts_vsn}} "a\\b" [{{x, y}, z}]\n', 0o755);
    await overlay('{template, "files/run", "bin/run"}');
    expect(await read('bin/run')).toBe('exec erts-13.1.5 "a\\b" [{{x, y}, z}]\n');
    expect((await stat(join(made, 'bin/run'))).mode & 0o777).toBe(0o755);
  });

  it('fills in every template that a pattern matches', async () => {
    await write('rel/files/a.tpl', 'a {{rel_vsn}}');
    await write('rel/files/b.tpl', 'b {{rel_vsn}}');
    await overlay('{template_wildcard, "files/*.tpl", "etc"}');
    expect([await read('etc/a.tpl'), await read('etc/b.tpl')]).toEqual(['a 0.2', 'b 0.2']);
  });

  it('knows the variables of the overlay_vars file, which may name others', async () => {
    await write('rel/vars.config', '{port, 8080}.\n{url, "http://x:{{port}}/{{rel_vsn}}"}.\n');
    await write('rel/files/x', '{{url}}');
    await overlay('{template, "files/x", "x"}', '{overlay_vars, "vars.config"}.');
    expect(await read('x')).toBe('http://x:8080/0.2');
  });

  it("creates files, and replaces by OTP's regular expressions", async () => {
    await overlay(
      '{create, "etc/x", "one two {{rel_vsn}}\\n"}, {replace, "etc/x", "(?<first>o)(n)e++", "<\\\\2>{{rel_vsn}}"}, {replace, "etc/x", "TWO", "2", [caseless]}',
    );
    expect(await read('etc/x')).toBe('<n>0.2 2 {{rel_vsn}}\n');
  });

  it.each([
    [
      '{mkdir, "a"},\n {copy, "files/nothing", "x"}',
      'rel/reltool.config:3:2: there is no rel/files/nothing. Paths are relative to the folder of the configuration.',
    ],
    ['{copy, "files/*.x", "x"}', 'rel/reltool.config:2:12: nothing matches rel/files/*.x.'],
    [
      '{copy, "reltool", "../x"}',
      'rel/reltool.config:2:12: ../x is not inside of the release. Overlays go to paths relative to the release.',
    ],
    [
      '{mkdir, "{{nope}}"}',
      'rel/reltool.config:2:12: {{nope}} has no value; there are erts_vsn, hostname, rel_vsn, target_dir. Add it to the file that overlay_vars names.',
    ],
    [
      '{template, "files/tpl", "x"}',
      'rel/files/tpl:2:1: {{nope}} has no value; there are erts_vsn, hostname, rel_vsn, target_dir. Add it to the file that overlay_vars names.',
    ],
    [
      '{create, "x", "y"}, {replace, "x", "(", "z"}',
      'rel/reltool.config:2:32: replace: missing ) at character 2.',
    ],
    [
      '{replace, "x", "a", "z"}',
      'rel/reltool.config:2:12: there is no x in the release. Paths are relative to the folder of the configuration.',
    ],
  ])('says which command is wrong: %s', async (commands, message) => {
    await write('rel/files/tpl', 'fine\n{{nope}}');
    await expect(overlay(commands)).rejects.toMatchObject({ name: 'OtpError', message });
  });
});
