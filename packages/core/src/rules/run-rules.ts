import type { PlannedAppup } from '../appup';
import type { ApplicationDiff } from '../diff';
import type { ReleasePair } from '../diff/module-index';
import { applyRunsTwice } from './apply-runs-twice';
import { basesDiffer } from './bases-differ';
import { callUndefined } from './call-undefined';
import { callbackModeChanged } from './callback-mode-changed';
import { callbackStateNotConverted } from './callback-state-not-converted';
import { changeNotCovered } from './change-not-covered';
import { childModulesWrong } from './child-modules-wrong';
import { childSpecificationChanged } from './child-specification-changed';
import { childTypeWrong } from './child-type-wrong';
import { childrenChanged } from './children-changed';
import { codeChangeMissing } from './code-change-missing';
import { codeChangeNotCalled } from './code-change-not-called';
import { codeChangedSameVersion } from './code-changed-same-version';
import { configChangeMissing } from './config-change-missing';
import { configChanged } from './config-changed';
import { configProviderChanged } from './config-provider-changed';
import type { Diagnostic } from './diagnostic';
import { ertsDiffers } from './erts-differs';
import { factsUnknown } from './facts-unknown';
import { fileNotShipped } from './file-not-shipped';
import { instructionRefused } from './instruction-refused';
import { killedByPurge } from './killed-by-purge';
import { moduleNotListed } from './module-not-listed';
import { nativeCode } from './native-code';
import { privChanged } from './priv-changed';
import { processStaysInOldCode } from './process-stays-in-old-code';
import { staleAppup } from './stale-appup';
import { stateNotConverted } from './state-not-converted';
import { strippedBeams } from './stripped-beams';
import { supervisorArgumentsChanged } from './supervisor-arguments-changed';
import { supervisorInitSideEffects } from './supervisor-init-side-effects';
import { suspendedSupervisor } from './suspended-supervisor';
import { sysConfigMissing } from './sys-config-missing';
import { sysConfigPlaceholders } from './sys-config-placeholders';
import { topProcessNotSupervisor } from './top-process-not-supervisor';
import { unchangedModuleUpdated } from './unchanged-module-updated';
import { unchangedSupervisors } from './unchanged-supervisors';
import { wayBackNotRecorded } from './way-back';

type PairRule = (pair: ReleasePair, appups: readonly PlannedAppup[]) => readonly Diagnostic[];

/** In the order in which a reader needs them: what is missing, what would break, what is lost, what is worth knowing. */
const pairRules: readonly PairRule[] = [
  ({ difference }) => difference.kept.flatMap(codeChangedSameVersion),
  ({ difference }) => difference.kept.flatMap(moduleNotListed),
  ({ difference }) => strippedBeams(difference),
  ({ difference, modules }, appups) =>
    appups.flatMap((appup) =>
      difference.kept
        .filter(({ name, previous, next }) => name === appup.application && previous.version !== next.version)
        .flatMap((application) => changeNotCovered(application, appup, modules)),
    ),
  codeChangeMissing,
  topProcessNotSupervisor,
  childTypeWrong,
  suspendedSupervisor,
  instructionRefused,
  applyRunsTwice,
  supervisorArgumentsChanged,
  supervisorInitSideEffects,
  nativeCode,
  unchangedModuleUpdated,
  stateNotConverted,
  callbackStateNotConverted,
  callbackModeChanged,
  childModulesWrong,
  codeChangeNotCalled,
  processStaysInOldCode,
  killedByPurge,
  childrenChanged,
  unchangedSupervisors,
  childSpecificationChanged,
  callUndefined,
  factsUnknown,
  ({ difference }) => wayBackNotRecorded(difference.previous),
  ({ difference }) => fileNotShipped(difference),
  ertsDiffers,
  sysConfigMissing,
  sysConfigPlaceholders,
  configProviderChanged,
  configChanged,
  configChangeMissing,
  privChanged,
];

/**
 * Everything that the rules find in an upgrade: each base with the new release, and the appups between them. Bases
 * share applications, and what is wrong with one is said once.
 */
export function runRules(pairs: readonly ReleasePair[], appups: readonly PlannedAppup[]): Diagnostic[] {
  return distinct([
    ...sharedVersions(pairs).flatMap(basesDiffer),
    ...appups.flatMap(staleAppup),
    ...pairRules.flatMap((rule) => pairs.flatMap((pair) => rule(pair, appups))),
  ]);
}

/** For each application and old version of it, its differences to the bases that have it. */
function sharedVersions(pairs: readonly ReleasePair[]): ApplicationDiff[][] {
  const versions = new Map<string, ApplicationDiff[]>();
  for (const application of pairs.flatMap(({ difference }) => difference.kept)) {
    const { name, previous, next } = application;
    if (previous.version === next.version) continue;
    const key = `${name} ${previous.version}`;
    versions.set(key, [...(versions.get(key) ?? []), application]);
  }
  return [...versions.values()];
}

function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()];
}
