import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atomName, listElements, readTerms, tupleOf } from '../erlang';
import { erlangRoot } from './erlang-toolchain';

/**
 * Which of these applications belong to the Erlang/OTP on PATH, and all that they need in it, as their `.app` files say.
 * @param names others among them are left out
 * @returns each after those it needs; undefined when there is no Erlang/OTP
 */
export function otpApplications(names: readonly string[], path?: string): string[] | undefined {
  const root = erlangRoot(path);
  if (root === undefined) return undefined;
  const folders = new Map(
    readdirSync(join(root, 'lib'))
      .sort()
      .map((folder) => [folder.replace(/-[^-]*$/, ''), folder]),
  );
  const found = new Set<string>();
  const visit = (name: string): void => {
    const folder = folders.get(name);
    if (folder === undefined || found.has(name)) return;
    for (const needed of neededBy(join(root, 'lib', folder, 'ebin', `${name}.app`))) visit(needed);
    found.add(name);
  };
  for (const name of names) visit(name);
  return [...found];
}

function neededBy(resource: string): string[] {
  if (!existsSync(resource)) return [];
  const [application] = readTerms(readFileSync(resource), resource).terms;
  const properties = application && tupleOf(application, 'application', 3)?.elements[2];
  return ((properties && listElements(properties)) ?? []).flatMap((property) => {
    const [key, names] = tupleOf(property, undefined, 2)?.elements ?? [];
    const isNeeds = key && ['applications', 'included_applications'].includes(atomName(key) ?? '');
    return isNeeds === true && names
      ? (listElements(names) ?? []).flatMap((name) => atomName(name) ?? [])
      : [];
  });
}
