import { OtpError } from '../error';

export interface Limits {
  readonly clients?: number;
  readonly settleTime?: number;
  readonly bootTimeout?: number;
  readonly stepTimeout?: number;
  readonly probeTimeout?: number;
}

/** Almost 25 days, with a little left of what a timer of Node takes: a longer one would end at once. */
const longestTime = 2 ** 31 - 60_000;

/** Each client is a process that calls without a pause: more would only show how busy the machine is. */
const mostClients = 1000;

/** @throws OtpError `rehearsal-limits` for what is no number of clients, and no time */
export function checkedLimits(given: Limits): Limits {
  const { clients, settleTime } = given;
  if (clients !== undefined && !(Number.isInteger(clients) && clients >= 1 && clients <= mostClients)) {
    throw wrong('clients', `a whole number from 1 to ${mostClients}`, clients);
  }
  if (settleTime !== undefined && !(settleTime >= 0)) {
    throw wrong('settleTime', 'a number of milliseconds, 0 or more', settleTime);
  }
  for (const name of ['bootTimeout', 'stepTimeout', 'probeTimeout'] as const) {
    const time = given[name];
    if (time !== undefined && !(time > 0)) throw wrong(name, 'a number of milliseconds, more than 0', time);
  }
  const times = ['settleTime', 'bootTimeout', 'stepTimeout', 'probeTimeout'] as const;
  return {
    ...(clients !== undefined && { clients }),
    ...Object.fromEntries(
      times.flatMap((name) => {
        const time = given[name];
        return time === undefined ? [] : [[name, Math.min(Math.ceil(time), longestTime)]];
      }),
    ),
  };
}

function wrong(name: string, expected: string, found: number): OtpError {
  return new OtpError(`${name}: expected ${expected}, found ${String(found)}.`, { code: 'rehearsal-limits' });
}
