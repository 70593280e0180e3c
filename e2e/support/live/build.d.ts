import type { LiveApplication, LiveRelease } from './scenario.js';
/** What OTP is installed here, as far as a release needs it. */
export interface Otp {
    readonly root: string;
    readonly erts: string;
    /** kernel, stdlib and sasl, with their versions. */
    readonly applications: readonly (readonly [name: string, version: string])[];
}
export declare function installedOtp(): Promise<Otp>;
export type VersionKey = 'v1' | 'v2';
/** The version of the release, and of the applications that change. */
export declare const numberOf: Readonly<Record<VersionKey, string>>;
/** The version that an application has in a version of the release; undefined where it is not in it. */
export declare function versionOf(application: LiveApplication, key: VersionKey): string | undefined;
export interface BuiltRelease {
    readonly release: LiveRelease;
    /** Each version as a target system. */
    readonly v1: string;
    readonly v2: string;
    /** The folder with the beams of `live_node` and of the `live_load` of this release. */
    readonly driver: string;
}
/** Builds both versions of every release below a folder, in one Erlang VM. */
export declare function buildReleases(folder: string, otp: Otp, releases: readonly LiveRelease[]): Promise<BuiltRelease[]>;
//# sourceMappingURL=build.d.ts.map