import { appup } from '../../support/live/sources.js';

/**
 * What an experienced engineer writes for the scenarios that planning does not pass yet: by scenario and application.
 * Each passes on a live node: that proves that the scenario can be passed.
 */
export const byHand: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'exchange between applications': {
    ea: appup('{load_module, ea}', '{load_module, ea}'),
    eb: appup('{update, eb_server, soft, [ea]}', '{update, eb_server, soft, [ea]}'),
  },
  'exchange behind a module without processes': {
    ex: appup(
      '{update, ex_server, soft, [ex_middle, ex_lib]}, {load_module, ex_middle, [ex_lib]}, {load_module, ex_lib}',
      '{update, ex_server, soft, [ex_middle, ex_lib]}, {load_module, ex_middle, [ex_lib]}, {load_module, ex_lib}',
    ),
  },
  'exchange behind an unchanged server': {
    // The server is updated without a code change: that only makes it wait.
    eu: appup(
      '{update, eu_server, soft, [eu_middle, eu_lib]}, {load_module, eu_middle, [eu_lib]}, {load_module, eu_lib}',
      '{update, eu_server, soft, [eu_middle, eu_lib]}, {load_module, eu_middle, [eu_lib]}, {load_module, eu_lib}',
    ),
  },
};
