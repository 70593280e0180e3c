import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { listed, quoted, sectionsOf } from './section';

/** Calls that fail when they are made a second time. */
const failing =
  /^(ets:new\/2|erlang:register\/2|global:register_name\/[23]|(gen_tcp|ssl|gen_sctp):listen\/2|gen_udp:open\/[12]|dets:open_file\/2|Elixir\.Process:register\/2|Elixir\.Registry:register\/3|mnesia:create_table\/2)$/;

/** What only looks or writes a log does no harm. */
const harmless =
  /^((logger|io|error_logger|lager|Elixir\.Logger|Elixir\.IO):.*|ets:(info|lookup|member|whereis)\/\d|erlang:(whereis|statistics)\/\d|inet:.*)$/;

/** Who asks whether the table or the name is there may well leave the rest out. */
const guards = /^(ets:(info|whereis)|erlang:whereis|global:whereis_name|Elixir\.Process:whereis)\/\d$/;

/**
 * The code change of a supervisor calls its `init/1` again (`supervisor:code_change/3`), in the supervisor, with all
 * it does beside answering specifications. Where that fails, release_handler restarts the node.
 */
export function supervisorInitSideEffects(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const seen = new Set<string>();
  return sectionsOf(pair, appups).flatMap((section) =>
    section.instructions.flatMap((instruction): Diagnostic[] => {
      if (instruction.kind !== 'update' || instruction.change.kind !== 'advanced') return [];
      const { module } = instruction;
      const running =
        section.direction === 'down' && instruction.moduleType === 'static'
          ? pair.modules.previous
          : pair.modules.next;
      const facts = running.get(module)?.facts;
      if (facts === undefined || moduleRole(facts).kind !== 'supervisor' || seen.has(module)) return [];
      const { supervisors } = facts.details();
      if (isUnknown(supervisors)) return [];
      const effects = supervisors
        .filter(({ kind }) => kind !== 'inline')
        .flatMap(({ sideEffects }) => (isUnknown(sideEffects) ? [] : sideEffects));
      const guarded = effects.some((effect) => guards.test(effect));
      const fails = effects.filter((effect) => failing.test(effect));
      const harmful = effects.filter((effect) => !harmless.test(effect));
      if (harmful.length === 0) return [];
      seen.add(module);
      const isError = fails.length > 0 && !guarded;
      return [
        {
          code: 'supervisor-init-side-effects',
          severity: isError ? 'error' : 'warning',
          application: section.application.name,
          module,
          message: isError
            ? `the update of the supervisor ${module} ${section.place} calls its init/1 again, and that calls ${listed(fails)}, which fails where the table, name or port is there already: the node would restart in the middle of the upgrade.`
            : `the update of the supervisor ${module} ${section.place} calls its init/1 again, and that calls ${listed(harmful)}: what it does is done a second time.`,
          fix: `Do that in a function that is called before supervisor:start_link, or only where it has not been done; or write {load_module, ${quoted(module)}} where its children stay as they are.`,
        },
      ];
    }),
  );
}
