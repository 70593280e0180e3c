import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateUpgrade, installationSteps, type UpgradePackage } from '@nx-otp/core';
import { afterAll, beforeAll } from 'vitest';
import { mixRelease, scriptedNode, type ScriptedNode } from './other-layouts.js';

/** A mix release `mixy` in the versions 0.1.0 and 0.2.0: the earlier runs, and has unpacked the package for the later. */
export class MixUpgrade {
  readonly #work: string;
  #node: ScriptedNode | undefined;
  #made: UpgradePackage | undefined;

  /**
   * Builds both before the tests of a file, and removes all of it after them.
   *
   * @param sources the files of the project, with `Mixy.Clients` among them (`clientsSource`)
   * @param start what begins the load on a node that was started, in Elixir
   */
  constructor(
    purpose: string,
    sources: (version: 'earlier' | 'later') => Record<string, string>,
    readonly start: string,
  ) {
    this.#work = realpathSync(mkdtempSync(join(tmpdir(), `nx-otp-${purpose}-`)));
    beforeAll(async () => {
      const [base, next] = await Promise.all([
        mixRelease(this.#work, '0.1.0', 'n', sources('earlier')),
        mixRelease(this.#work, '0.2.0', '{:new, n}', sources('later')),
      ]);
      const name = `${purpose}_${randomBytes(4).toString('hex')}`;
      this.#node = scriptedNode(base, join(this.#work, 'mixy ü'), 'mixy', {
        RELEASE_NODE: name,
        RELEASE_COOKIE: `${name}_cookie`,
      });
      await this.node.start();
      await this.#bringPackage(next);
      await this.rpc(this.start);
    });
    afterAll(async () => {
      await this.#node?.stop();
      rmSync(this.#work, { recursive: true, force: true });
    });
  }

  get node(): ScriptedNode {
    if (this.#node === undefined) throw new Error('the node is made before the tests');
    return this.#node;
  }

  get made(): UpgradePackage {
    if (this.#made === undefined) throw new Error('the package is made before the tests');
    return this.#made;
  }

  /** What an Elixir expression prints on the node, on one line. */
  rpc(expression: string): Promise<string> {
    return this.node.script('rpc', expression);
  }

  async restart(): Promise<void> {
    await this.node.stop();
    await this.node.start();
  }

  /** Installs a release between calls of the clients: how many calls there were, who is alive, and all their answers. */
  async install(version: string): Promise<{ calls: number; printed: string }> {
    const printed = await this.rpc(`
Mixy.Clients.forget()
before = Mixy.Clients.calls()
Process.sleep(200)
{:ok, _, _} = :release_handler.check_install_release(~c"${version}")
{:ok, _, []} = :release_handler.install_release(~c"${version}")
Process.sleep(200)
calls = Mixy.Clients.calls() - before
:ok = :release_handler.make_permanent(~c"${version}")
IO.inspect({calls, Mixy.Clients.alive(), Mixy.Clients.seen()}, limit: :infinity, width: 5000, printable_limit: :infinity)`);
    const [, calls = '', rest = ''] = /^\{(\d+), (.*)\}$/.exec(printed) ?? [];
    return { calls: Number(calls), printed: rest };
  }

  log(): string {
    return readFileSync(join(this.node.root, 'tmp/log/erlang.log.1'), 'utf8');
  }

  async #bringPackage(next: string): Promise<void> {
    const { node } = this;
    const upgrade = (): Promise<UpgradePackage> =>
      generateUpgrade({
        previousReleases: [node.root],
        release: next,
        outputPath: join(this.#work, 'upgrade'),
      });
    // mix writes no RELEASES: the command in the error makes it.
    const message = await upgrade().then(
      () => '',
      (error: unknown) => String(error),
    );
    const [live = ''] = /bin\/mixy rpc '[^']*'/.exec(message) ?? [];
    await node.command(live);
    this.#made = await upgrade();
    const steps = installationSteps(this.made.layout, 'mixy', '0.2.0');
    copyFileSync(this.made.path, join(node.root, steps.copyTo));
    await node.command(steps.upgrade[0] ?? '');
  }
}

/**
 * Four clients that call all the while and remember every answer they got.
 *
 * @param calls an Elixir expression: a list of `{label, {module, function, args}}`
 */
export function clientsSource(calls: string): string {
  return `
defmodule Mixy.Clients do
  def start() do
    starter = self()
    spawn(fn ->
      :ets.new(:seen, [:public, :named_table])
      :ets.new(:calls, [:public, :named_table])
      :ets.insert(:calls, {:calls, 0})
      send(starter, :ready)
      Process.sleep(:infinity)
    end)
    receive do :ready -> :ok end
    for n <- 1..4, do: Process.register(spawn(&loop/0), :"client_#{n}")
  end
  def calls(), do: :ets.lookup_element(:calls, :calls, 2)
  def alive(), do: Enum.count(1..4, &is_pid(Process.whereis(:"client_#{&1}")))
  def seen(), do: :ets.tab2list(:seen) |> Enum.map(fn {answer} -> answer end) |> Enum.sort()
  def forget(), do: :ets.delete_all_objects(:seen)
  defp loop() do
    for {label, {module, function, args}} <- ${calls} do
      answer = try do apply(module, function, args) catch _, reason -> {:failed, reason} end
      :ets.insert(:seen, {{label, answer}})
      :ets.update_counter(:calls, :calls, 1)
    end
    Process.sleep(1)
    loop()
  end
end
`;
}
