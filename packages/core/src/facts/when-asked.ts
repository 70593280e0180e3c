/**
 * An object each of whose properties is found out when it is first asked for, and then kept: finding out is dear, and
 * who plans asks few modules for few things. A copy (`{ ...object }`) holds all of them and nothing else.
 */
export function whenAsked<Properties extends object>(find: {
  readonly [Name in keyof Properties]: () => Properties[Name];
}): Properties {
  const object = {};
  for (const [name, findOut] of Object.entries<() => unknown>(find)) {
    Object.defineProperty(object, name, {
      enumerable: true,
      configurable: true,
      get: () => {
        const value = findOut();
        Object.defineProperty(object, name, { enumerable: true, value });
        return value;
      },
    });
  }
  return object as Properties;
}
