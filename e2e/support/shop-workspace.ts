import { join } from 'node:path';
import { makeScratchWorkspace, type ScratchWorkspace } from '../../tools/scratch-workspace.mjs';
import { writeFiles } from './other-layouts.js';

/**
 * A workspace of four applications, two in `libs` and two in `apps`, and of two releases that are made of them:
 * `shop` of money and cart, which needs a header and a behaviour of money, and `kiosk` of log and till.
 */
export async function shopWorkspace(): Promise<ScratchWorkspace> {
  const workspace = await makeScratchWorkspace('monorepo');
  writeFiles(workspace.folder, {
    'nx.json': '{ "plugins": ["nx-otp"], "analytics": false, "neverConnectToCloud": true }',
    'libs/money/src/money.app.src': appSrc('money'),
    'libs/money/include/money.hrl': '-record(money, {amount = 0}).\n',
    'libs/money/src/money.erl': `-module(money).
-include("money.hrl").
-export([add/2]).
-callback price(term()) -> integer().
add(#money{amount = A}, #money{amount = B}) -> #money{amount = A + B}.
`,
    'libs/log/src/log.app.src': appSrc('log'),
    'libs/log/src/log.erl': '-module(log).\n-export([log/1]).\n%% Says it.\nlog(What) -> What.\n',
    'apps/cart/src/cart.app.src': appSrc('cart', 'money'),
    'apps/cart/src/cart.erl': `-module(cart).
-behaviour(money).
-include_lib("money/include/money.hrl").
-export([price/1]).
price(Amount) -> (money:add(#money{amount = Amount}, #money{}))#money.amount.
`,
    'apps/cart/test/cart_tests.erl': `-module(cart_tests).
-include_lib("eunit/include/eunit.hrl").
price_test() -> ?assertEqual(3, cart:price(3)).
`,
    'apps/till/src/till.app.src': appSrc('till', 'log'),
    'apps/till/src/till.erl': '-module(till).\n-export([open/0]).\nopen() -> log:log(open).\n',
    ...release('shop', ['money', 'cart']),
    ...release('kiosk', ['log', 'till']),
  });
  return workspace;
}

export const releaseFolder = (workspace: ScratchWorkspace, name: string): string =>
  join(workspace.folder, 'releases', name);

const appSrc = (name: string, needed?: string): string =>
  `{application, ${name}, [{description, "The ${name}"}, {vsn, "0.1"}, {registered, []}, {applications, [kernel, stdlib${needed === undefined ? '' : `, ${needed}`}]}]}.\n`;

function release(name: string, applications: readonly string[]): Record<string, string> {
  const folder = `releases/${name}`;
  const included = ['kernel', 'stdlib', 'sasl', ...applications];
  return {
    [`${folder}/rel/reltool.config`]: `{sys, [
    {lib_dirs, ["../../../apps", "../../../libs"]},
    {rel, "${name}", "0.1", [${included.join(', ')}]},
    {boot_rel, "${name}"}, {profile, embedded}, {incl_cond, exclude}, {debug_info, keep},
    {excl_archive_filters, [".*"]},
    ${included.map((each) => `{app, ${each}, [{incl_cond, include}]}`).join(',\n    ')}
]}.
{overlay, [
    {create, "releases/{{rel_vsn}}/sys.config", "[].\\n"},
    {create, "releases/{{rel_vsn}}/vm.args", "-sname ${name}\\n"}
]}.
`,
    // What runs in production.
    [`${folder}/project.json`]: JSON.stringify({
      targets: { 'previous-release': { options: { previousRelease: `prod/${name}` } } },
    }),
  };
}
