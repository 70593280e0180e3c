const rehearsal = 'nx-otp:rehearse-upgrade';

/**
 * The options that belong to single targets of the chain from `previous-release` to `verify-upgrade` and `rehearse-upgrade`, with the executors
 * that read them. `params: "forward"` brings each of them to every target above in the chain as well, so the schemas
 * there must let it pass (`x-priority: internal`).
 */
const readers: Readonly<Record<string, readonly string[]>> = {
  release: ['nx-otp:generate-appups', 'nx-otp:generate-upgrade'],
  appupsPath: ['nx-otp:generate-appups'],
  policyPath: ['nx-otp:generate-appups'],
  appups: ['nx-otp:generate-upgrade'],
  full: ['nx-otp:generate-upgrade'],
  applicationOrder: ['nx-otp:generate-appups', 'nx-otp:generate-upgrade'],
  restartEmulator: ['nx-otp:generate-upgrade'],
  upgradePackage: ['nx-otp:verify-upgrade', rehearsal],
  probes: [rehearsal],
  base: [rehearsal],
  sysConfig: [rehearsal],
  network: [rehearsal],
  clients: [rehearsal],
  settleTime: [rehearsal],
  bootTimeout: [rehearsal],
  stepTimeout: [rehearsal],
  probeTimeout: [rehearsal],
  keep: [rehearsal],
  snapshot: ['nx-otp:previous-release', 'nx-otp:verify-upgrade'],
  allowDifferences: ['nx-otp:previous-release'],
};

/**
 * The parameters that mean the same in every target of a chain, and are taken from the command line of whichever was
 * asked for: there is one previous release, one place of what people decided, and one
 * order of the applications. The others are meant for the target
 * that was asked for.
 */
export const forwardedParameters: readonly string[] = [
  'previousRelease',
  'previousReleases',
  'appupsPath',
  'policyPath',
  'applicationOrder',
  'snapshot',
  'allowDifferences',
];

/**
 * What a target takes from the command line of the one that needs it. The rehearsals of single bases take all that is
 * about rehearsals from the one that stands for all of them, but which base is theirs.
 */
export function takenFromAbove(executor: string | undefined, option: string): boolean {
  if (forwardedParameters.includes(option)) return true;
  return executor === rehearsal && option !== 'base' && (readersOf(option)?.includes(rehearsal) ?? false);
}

/** The paths whose content is an input of the cache, so that they themselves are not. */
export const keyedByContent: readonly string[] = [
  'previousRelease',
  'previousReleases',
  'appupsPath',
  'policyPath',
  'release',
  'appups',
  'upgradePackage',
  'probes',
  'sysConfig',
  // What they decide is decided before.
  'snapshot',
  'allowDifferences',
];

/** The executors that read an option, where it is one of single targets of the chain. */
export function readersOf(option: string): readonly string[] | undefined {
  return Object.hasOwn(readers, option) ? readers[option] : undefined;
}
