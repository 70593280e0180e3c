import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const packageFolder = join(__dirname, '..');

interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly { readonly command: string; readonly description: string }[];
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

interface Entry {
  readonly schema: string;
  readonly description?: string;
  readonly factory?: string;
  readonly implementation?: string;
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(packageFolder, file), 'utf8'));
}

const entries = [
  ...Object.entries((read('executors.json') as { executors: Record<string, Entry> }).executors),
  ...Object.entries((read('generators.json') as { generators: Record<string, Entry> }).generators),
];

/** What editors and `--help` show. */
describe.each(entries)('%s', (name, { schema: file, description, factory, implementation }) => {
  const schema = read(file) as Schema;

  it('is described, with every option of it, and shows how it is called', () => {
    expect(schema.title).toBe(name);
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(schema.description).toMatch(/^[A-Z].*\.$/);
    const silent = Object.entries(schema.properties).filter(([, option]) => option.description === undefined);
    expect(silent.map(([option]) => option)).toEqual([]);
    for (const { command } of schema.examples ?? []) {
      expect(command).toMatch(new RegExp(`^nx (?:g nx-otp:${name}|run \\w+:${name})\\b`));
      const given = [...command.matchAll(/ --(?:no-)?(\w+)/g)].map(([, option = '']) => option);
      const known = [...Object.keys(schema.properties), 'excludeTaskDependencies'];
      expect(given.filter((option) => !known.includes(option))).toEqual([]);
    }
  });

  it('has the code that it names, and refuses options that it does not know', () => {
    const source = (factory ?? implementation ?? '').replace('./dist/', './src/').replace(/\.js$/, '');
    expect(existsSync(join(packageFolder, `${source}.ts`))).toBe(true);
    expect(schema.additionalProperties).toBe(false);
    for (const option of schema.required ?? []) expect(schema.properties).toHaveProperty(option);
  });
});
