import type { Process } from '@slipway/kernel';

type Method = (request: never) => unknown;

/** A plugin's object with some methods changed; they are given its own ones. A method that a class defines is found as well. */
export function changed<S extends object>(services: S, change: (good: S) => Partial<S>): S {
  const good: Record<string, unknown> = {};
  for (let from: object = services; from !== Object.prototype; from = Object.getPrototypeOf(from) as object) {
    for (const name of Object.getOwnPropertyNames(from)) {
      const method = (services as Record<string, unknown>)[name];
      if (name !== 'constructor' && typeof method === 'function' && !(name in good))
        good[name] = (request: never) => (method as Method).call(services, request);
    }
  }
  return { ...good, ...change(good as S) } as S;
}

/** The answer of a method that may answer at once, or wait. */
export function* answerOf<T>(answer: T | Process<T> | Promise<T>): Process<T> {
  const process = answer as Partial<Process<T>> | null;
  if (typeof process === 'object' && process !== null && typeof process.next === 'function') return yield* answer as Process<T>;
  return answer as T;
}
