import { basename } from 'node:path';
import { listElements, readFirstTerm, readTerms, stringValue, tupleOf, type Term } from '../erlang';
import { isApplicationContent } from '../package/manifest';
import { contentHash } from '../release';
import { parseRelFile } from '../release/rel-file';
import { subTree } from '../release/sub-tree';
import type { Diagnostic } from '../rules';
import type { OpenPackage } from './read-package';

const makeAgain = 'Make the package again with generate-upgrade, or copy it again as a binary file.';

/** What is wrong with a package wherever it goes: it is not what was made, or release_handler would not find its way in it. */
export async function verifyPackage(opened: OpenPackage): Promise<Diagnostic[]> {
  return [
    ...changedPackage(opened),
    ...(await changedApplications(opened)),
    ...(await missingFiles(opened)),
    ...(await wrongName(opened)),
  ];
}

function changedPackage(opened: OpenPackage): Diagnostic[] {
  const { path, manifest, tarSha256, beside, firstMember, links } = opened;
  const findings: Diagnostic[] = [];
  if (beside !== undefined) {
    if (beside.tarSha256 !== undefined && beside.tarSha256 !== tarSha256) {
      findings.push(
        changed(
          `${path} holds a tar with the SHA-256 ${tarSha256}, and ${beside.path} says ${beside.tarSha256}.`,
        ),
      );
    }
    if (JSON.stringify(beside.manifest) !== JSON.stringify(manifest)) {
      findings.push(changed(`${beside.path} is the manifest of another package than ${path}.`));
    }
  }
  if (/^\.?\//.test(firstMember)) {
    findings.push({
      code: 'package-member-names',
      severity: 'error',
      message: `the members of ${path} begin with ${firstMember.slice(0, firstMember.indexOf('/') + 1)}, so it was packed by hand, and release_handler, which looks for exactly releases/NAME.rel, would find nothing.`,
      fix: 'Use the package as generate-upgrade made it.',
    });
  }
  const [link] = links;
  if (link !== undefined) {
    findings.push({
      code: 'package-links',
      severity: 'error',
      message: `${path} holds ${links.length === 1 ? 'a link' : `${links.length} links`}, such as ${link}, so it was packed by hand: unpacking leaves out hard links without a word, and may stop half way at a symbolic one.`,
      fix: 'Use the package as generate-upgrade made it.',
    });
  }
  return findings;
}

function changed(message: string): Diagnostic {
  return { code: 'package-changed', severity: 'error', message, fix: makeAgain };
}

async function changedApplications({ tree, manifest, path }: OpenPackage): Promise<Diagnostic[]> {
  // In one pass over the package; what is asked for later is remembered.
  await tree.hashes(tree.files.map((file) => file.path));
  const findings: Diagnostic[] = [];
  for (const { name, version, contentHash: expected } of manifest.included) {
    const files = subTree(tree, `lib/${name}-${version}`);
    if (files.files.length === 0) {
      findings.push(incomplete(`${path} lacks lib/${name}-${version}, which its manifest says it holds.`));
    } else if ((await contentHash(files, isApplicationContent)) !== expected) {
      findings.push({
        ...changed(`lib/${name}-${version} in ${path} has another content than its manifest says.`),
        application: name,
      });
    }
  }
  return findings;
}

function incomplete(message: string): Diagnostic {
  return { code: 'package-incomplete', severity: 'error', message, fix: makeAgain };
}

async function missingFiles({ tree, manifest, versionPath, path }: OpenPackage): Promise<Diagnostic[]> {
  const present = new Set(tree.files.map((file) => file.path));
  const findings = ['start.boot', 'relup']
    .map((file) => `${versionPath}/${file}`)
    .filter((file) => !present.has(file))
    .map((file) => incomplete(`${path} lacks ${file}, without which release_handler installs nothing.`));
  if (versionPath !== `releases/${manifest.version}`) {
    findings.push(incomplete(`${path} has the manifest of ${manifest.version} in ${versionPath}.`));
  }
  const rel = `${versionPath}/${manifest.name}.rel`;
  if (present.has(rel)) {
    const listed = new Set(
      [...manifest.included, ...manifest.assumed].map(({ name, version }) => `${name} ${version}`),
    );
    const { applications } = parseRelFile(readTerms(await tree.read(rel), `${path}/${rel}`));
    const unknown = applications.filter(({ name, version }) => !listed.has(`${name} ${version}`));
    if (unknown.length > 0) {
      const names = unknown.map(({ name, version }) => `${name} ${version}`).join(', ');
      findings.push(incomplete(`${rel} in ${path} names ${names}, and the manifest does not.`));
    }
  }
  return findings;
}

/** `unpack_release("NAME")` opens `releases/NAME.tar.gz` and looks for `releases/NAME.rel` in it; NAME may hold a slash. */
async function wrongName({ tree, manifest, versionPath, path }: OpenPackage): Promise<Diagnostic[]> {
  const name = basename(path).replace(/\.tar\.gz$/, '');
  const present = new Set(tree.files.map((file) => file.path));
  const found = [`releases/${name}.rel`, `${versionPath}/${name}.rel`].find((file) => present.has(file));
  if (found === undefined || !path.endsWith('.tar.gz')) {
    const rel = tree.files.find((file) => /^releases\/[^/]+\.rel$/.test(file.path))?.path;
    const proper = rel === undefined ? `${manifest.name}_${manifest.version}` : basename(rel, '.rel');
    return [
      {
        code: 'package-renamed',
        severity: 'error',
        message: `release_handler looks in a package for the .rel of its name, and ${path} has no releases/${name}.rel.`,
        fix: `Call it ${proper}.tar.gz.`,
      },
    ];
  }
  const rel = parseRelFile(readTerms(await tree.read(found), `${path}/${found}`));
  if (rel.name === manifest.name && rel.version === manifest.version) return [];
  return [
    changed(
      `${found} in ${path} is of ${rel.name} ${rel.version}, and the manifest of ${manifest.name} ${manifest.version}.`,
    ),
  ];
}

/** The versions that a relup leads from and back to. @throws OtpError `relup-file` and what reading a term throws */
export async function relupVersions({
  tree,
  versionPath,
  path,
}: OpenPackage): Promise<{ readonly up: readonly string[]; readonly down: readonly string[] } | undefined> {
  const file = `${versionPath}/relup`;
  if (!tree.files.some((entry) => entry.path === file)) return undefined;
  const { term } = readFirstTerm(await tree.read(file), `${path}/${file}`);
  const [, up, down] = tupleOf(term, undefined, 3)?.elements ?? [];
  return { up: versionsOf(up), down: versionsOf(down) };
}

function versionsOf(entries: Term | undefined): string[] {
  return ((entries && listElements(entries)) ?? []).flatMap((entry) => {
    const version = tupleOf(entry, undefined, 3)?.elements[0];
    const text = version && stringValue(version);
    return text === undefined ? [] : [text];
  });
}
