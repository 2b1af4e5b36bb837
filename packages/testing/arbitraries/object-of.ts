import fc from 'fast-check';

type Arbitraries = Readonly<Record<string, fc.Arbitrary<unknown>>>;
type Made<A extends Arbitraries> = { -readonly [K in keyof A]: A[K] extends fc.Arbitrary<infer T> ? T : never };

/**
 * Objects as a YAML parser or a plugin's author makes them: `optional` members are left out, never undefined, and the prototype is the
 * usual one, since fast-check's own default (none at all) is something that no manifest can contain.
 */
export function objectOf<R extends Arbitraries, O extends Arbitraries>(required: R, optional: O): fc.Arbitrary<Made<R> & Partial<Made<O>>> {
  const made = fc.record({ ...required, ...optional }, { requiredKeys: Object.keys(required), noNullPrototype: true });
  return made as unknown as fc.Arbitrary<Made<R> & Partial<Made<O>>>;
}
