import { erlangToolchain } from './erlang-toolchain';

const sideBySide = 'asdf, mise and kerl keep several side by side.';

/** What a failed tool says of versions, and what to do about it. */
const complaints: readonly (readonly [said: RegExp, advice: (otp: string) => string])[] = [
  [
    // rebar3 with minimum_otp_vsn; Elixir, of itself.
    /OTP release \S+ or later is required|requires Erlang\/OTP \d+|unsupported Erlang\/OTP version/i,
    (otp) =>
      `The erl on PATH is Erlang/OTP ${otp}: put the one that is asked for before it on PATH; ${sideBySide}`,
  ],
  [
    /it supports only Elixir/,
    (otp) =>
      `Put the Elixir that is asked for first on PATH, one that was made for Erlang/OTP ${otp}; ${sideBySide}`,
  ],
  [
    // The emulator, of the beams of the tool itself, of its plugins or archives.
    /re-?compile this module with an|later version of the run-?time system|emulator supports only up to|missing atom table|mandatory chunk of type/i,
    (otp) =>
      `What was run is compiled for another Erlang/OTP than the one on PATH, ${otp}: put that one before it on PATH, or install the tool (or the archive or plugin that is named) for this one; ${sideBySide}`,
  ],
];

/** What to do where a tool failed for the version of Erlang/OTP or Elixir on PATH; undefined for other failures. */
export function versionAdvice(output: string): string | undefined {
  const advice = complaints.find(([said]) => said.test(output))?.[1];
  return advice?.(erlangToolchain()?.otpVersion ?? 'of an unknown version');
}
