import {
  appupOfSections,
  type Appup,
  type AppupTransform,
  type PlannedAppup,
  type PlannedInstruction,
  type TransformInput,
} from '../appup';
import type { ReleaseDiff } from '../diff';

/**
 * Hands the sections that were planned to the project's transforms, one transform after the other. Kept sections are a
 * person's word already, and stay.
 *
 * @throws OtpError (`transform`) for what a transform gave back or threw
 */
export async function transformSections(
  appups: readonly PlannedAppup[],
  differences: readonly ReleaseDiff[],
  keptAppups: ReadonlyMap<string, readonly Appup[]>,
  transforms: readonly AppupTransform[],
): Promise<readonly PlannedAppup[]> {
  const given = inputsOf(appups, differences);
  if (transforms.length === 0 || given.length === 0) return appups;
  let inputs = given.map(({ input }) => input);
  for (const transform of transforms) {
    const results = await transform.apply(inputs);
    inputs = inputs.map((input, at) => ({ ...input, instructions: results[at] ?? input.instructions }));
  }
  const transformed = new Map<object, readonly PlannedInstruction[]>(
    given.map(({ section }, at) => [section, inputs[at]?.instructions ?? []]),
  );
  return appups.map((planned) => {
    const sections = planned.sections.map((section) => {
      const instructions = transformed.get(section);
      return instructions === undefined
        ? section
        : { ...section, origin: { kind: 'generated' as const, instructions } };
    });
    return appupOfSections(planned, sections, keptAppups.get(planned.application) ?? []);
  });
}

function inputsOf(
  appups: readonly PlannedAppup[],
  differences: readonly ReleaseDiff[],
): { readonly section: object; readonly input: TransformInput }[] {
  return appups.flatMap(({ application, version, sections }) =>
    sections.flatMap((section) => {
      const difference = differences
        .flatMap(({ kept }) => kept)
        .find((one) => one.name === application && one.previous.version === section.version);
      if (section.origin.kind !== 'generated' || difference === undefined) return [];
      const { direction, origin } = section;
      const [from, to] = direction === 'up' ? [section.version, version] : [version, section.version];
      const { instructions } = origin;
      return [{ section, input: { application, direction, from, to, instructions, difference } }];
    }),
  );
}
