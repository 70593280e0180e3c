import type { ApplicationVersion, LiveApplication, Sources } from './scenario.js';
/**
 * A gen_server that is registered under the name of its module.
 *
 * @param functions what it exports beside the callbacks, such as `get/0, put/1`
 * @param clauses its functions; `init/1` and `handle_call/3` among them
 */
export declare function server(functions: string, clauses: string): string;
/** A gen_server that counts, and the calls that every such server has. */
export declare function counter(functions: string, clauses: string): string;
/** A gen_statem that is registered under the name of its module. */
export declare function statem(functions: string, clauses: string): string;
/** A module without processes. */
export declare function functional(functions: string, clauses: string): string;
/** The module `NAME_app` of an application with children. */
export declare function applicationCallback(name: string): string;
/** The module `NAME_sup` of an application with children. */
export declare function topSupervisor(children: readonly string[]): string;
/** A supervisor that is registered under the name of its module. */
export declare function supervisor(children: readonly string[], flags?: string): string;
/** The modules of a version, with those that its children bring. */
export declare function modulesOf(name: string, version: ApplicationVersion): Readonly<Record<string, string>>;
/** An application whose modules change; the supervised children are the same in both versions. */
export declare function application(name: string, v1: Sources, v2: Sources, both?: Omit<ApplicationVersion, 'modules'>): LiveApplication;
/**
 * A process of proc_lib and sys that is registered under the name of its module and answers `MODULE:call()`.
 *
 * @param shape the pattern of its state, for the messages of sys
 * @param clauses `request/1`, from the state to the answer and the next state; also `system_code_change/4`
 */
export declare function specialProcess(shape: string, clauses: string, initial: string): string;
/** An appup from 1 to 2 and back. */
export declare function appup(up: string, down: string): string;
//# sourceMappingURL=sources.d.ts.map