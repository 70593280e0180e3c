import { appup } from '../../support/live/sources.js';

/**
 * What an experienced engineer writes for a scenario: by scenario and application. Applications that are not named
 * are planned. Each passes on a live node: that proves that the scenario can be passed.
 */
export const byHand: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'dependency, function exchanged': {
    de: appup(
      '{update, de_server, soft, [de_library]}, {load_module, de_library}',
      '{update, de_server, soft, [de_library]}, {load_module, de_library}',
    ),
  },
  'child added': {
    ca: appup(
      '{add_module, ca_new}, {update, ca_sup, supervisor}, {apply, {supervisor, restart_child, [ca_sup, ca_new]}}',
      `{apply, {supervisor, terminate_child, [ca_sup, ca_new]}}, {apply, {supervisor, delete_child, [ca_sup, ca_new]}},
       {update, ca_sup, supervisor}, {delete_module, ca_new}`,
    ),
  },
  'child removed': {
    cr: appup(
      `{apply, {supervisor, terminate_child, [cr_sup, cr_gone]}}, {apply, {supervisor, delete_child, [cr_sup, cr_gone]}},
       {update, cr_sup, supervisor}, {delete_module, cr_gone}`,
      '{add_module, cr_gone}, {update, cr_sup, supervisor}, {apply, {supervisor, restart_child, [cr_sup, cr_gone]}}',
    ),
  },
  'child replaced by another': {
    cx: appup(
      `{add_module, cx_new},
       {apply, {supervisor, terminate_child, [cx_sup, cx_old]}}, {apply, {supervisor, delete_child, [cx_sup, cx_old]}},
       {update, cx_sup, supervisor}, {apply, {supervisor, restart_child, [cx_sup, cx_new]}}, {delete_module, cx_old}`,
      `{add_module, cx_old},
       {apply, {supervisor, terminate_child, [cx_sup, cx_new]}}, {apply, {supervisor, delete_child, [cx_sup, cx_new]}},
       {update, cx_sup, supervisor}, {apply, {supervisor, restart_child, [cx_sup, cx_old]}}, {delete_module, cx_new}`,
    ),
  },
  'child id that is no module': {
    ci: appup(
      '{update, ci_sup, supervisor}, {apply, {supervisor, restart_child, [ci_sup, {second, 2}]}}',
      `{apply, {supervisor, terminate_child, [ci_sup, {second, 2}]}},
       {apply, {supervisor, delete_child, [ci_sup, {second, 2}]}}, {update, ci_sup, supervisor}`,
    ),
  },
  'function moves to another application': {
    // On the way down a module is loaded before its DepMods: the same ones serve both ways.
    xa: appup('{load_module, xa, [xb]}', '{load_module, xa, [xb]}'),
    xb: appup('{load_module, xb, [xc]}', '{load_module, xb, [xc]}'),
    xc: appup('{load_module, xc}', '{load_module, xc}'),
  },
  'three applications in a chain': {
    ta: appup('{load_module, ta}', '{load_module, ta}'),
    tb: appup('{load_module, tb, [ta]}', '{load_module, tb, [ta]}'),
    tc: appup('{load_module, tc, [tb]}', '{load_module, tc, [tb]}'),
  },
  'client blocked in a library': {
    bl: appup(
      '{load_module, bl, soft_purge, soft_purge, []}',
      '{load_module, bl, soft_purge, soft_purge, []}',
    ),
  },
  'gen_statem callback mode': {
    gm: appup(
      '{update, gm_door, {advanced, []}}',
      `{load_object_code, {gm, "1", [gm_door]}}, point_of_no_return,
       {suspend, [gm_door]}, {code_change, down, [{gm_door, []}]}, {load, {gm_door, brutal_purge, brutal_purge}},
       {code_change, down, [{gm_door, []}]}, {resume, [gm_door]}`,
    ),
  },
  'code_change in a cycle': {
    // code_change is called in the order of the script, both ways.
    cc: appup(
      '{update, cc_a_writer, {advanced, []}, [cc_z_reader]}, {update, cc_z_reader, {advanced, []}, [cc_a_writer]}',
      '{update, cc_a_writer, {advanced, []}, [cc_z_reader]}, {update, cc_z_reader, {advanced, []}, [cc_a_writer]}',
    ),
  },
  'process that loops in another module': {
    lo: appup(
      `{update, lo_start, {advanced, []}, soft_purge, soft_purge, [lo_loop]},
       {load_module, lo_loop, soft_purge, soft_purge, []}`,
      `{update, lo_start, {advanced, []}, soft_purge, soft_purge, [lo_loop]},
       {load_module, lo_loop, soft_purge, soft_purge, []}`,
    ),
  },
  'callback added to a behaviour': {
    ba: appup(
      '{load_module, ba_user}, {update, ba_engine, {advanced, []}, [ba_user]}',
      '{update, ba_engine, {advanced, []}, [ba_user]}, {load_module, ba_user}',
    ),
  },
  'callback removed from a behaviour': {
    bb: appup(
      '{update, bb_engine, {advanced, []}}, {load_module, bb_user, [bb_engine]}',
      '{load_module, bb_user}, {update, bb_engine, {advanced, []}}',
    ),
  },
  'record shared with a helper': {
    rh: appup(
      '{update, rh_server, {advanced, []}, [rh_a_helper]}, {load_module, rh_a_helper}',
      '{update, rh_server, {advanced, []}, [rh_a_helper]}, {load_module, rh_a_helper}',
    ),
  },
};
