/** An appup from 1 to 2 and back. */
const appup = (up: string, down: string): string => `{"2", [{"1", [${up}]}],\n [{"1", [${down}]}]}.\n`;

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
  'module moves to another application': {
    ma: appup('{load_module, ma}', '{load_module, ma}, {load_module, ma_moved}'),
    mb: appup('{load_module, ma_moved}, {load_module, mb}', '{load_module, mb}'),
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
};
