// What @nx-otp/core does for the work that is measured, in a process of its own.
//   node core-work.mjs start
//   node core-work.mjs upgrade PREVIOUS NEXT OUTPUT delta|full    generate-appups and generate-upgrade
//   node core-work.mjs package PREVIOUS NEXT OUTPUT               generate-upgrade alone, full
//   node core-work.mjs compare PREVIOUS NEXT
import core from '@nx-otp/core';

const [work, previous = '', next = '', output = '', contents] = process.argv.slice(2);
switch (work) {
  case 'start':
    break;
  case 'upgrade': {
    const releases = { previousReleases: [previous], release: next };
    const appups = await core.generateAppups({ ...releases, outputPath: `${output}/appups` });
    await core.generateUpgrade({
      ...releases,
      appups: appups.path,
      outputPath: `${output}/upgrade`,
      full: contents === 'full',
    });
    break;
  }
  case 'package':
    await core.generateUpgrade({
      previousReleases: [previous],
      release: next,
      outputPath: output,
      full: true,
      // Every tenth module of OTP changed, among them one that loads a NIF: this package is never installed.
      policy: {
        applications: new Map(),
        allow: [{ rule: 'nif-reload', application: 'erts', reason: 'only measured' }],
        transforms: [],
      },
    });
    break;
  case 'compare': {
    const { kept } = await core.diffReleases(await core.readRelease(previous), await core.readRelease(next));
    const modules = kept.flatMap((application) => application.modules);
    console.log(modules.filter(({ kind }) => kind === 'changed').length);
    break;
  }
  default:
    throw new Error(`no such work: ${work ?? ''}`);
}
