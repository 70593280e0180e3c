import { appup } from '../../support/live/sources.js';

/**
 * What an experienced engineer writes for the scenarios that planning does not pass yet: by scenario and application.
 * Each passes on a live node: that proves that the scenario can be passed.
 */
export const byHand: Readonly<Record<string, Readonly<Record<string, string>>>> = {
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
  'a module that comes back on the way down': {
    cb: appup(
      '{update, cb_server, soft, [cb_other]}, {load_module, cb_other}, {delete_module, cb_gone}',
      '{add_module, cb_gone}, {update, cb_server, soft, [cb_other]}, {load_module, cb_other}',
    ),
  },
};
