import * as z from 'zod';
import { isQuantity } from '../quantity.ts';
import { parseTime } from '../time.ts';
import type { IntOrString, JsonValue, MicroTime, Quantity, ResourceList, Time, UnsimulatedSource } from '../types/index.ts';

// How the schemas of the kinds are written: each states its interface and is refused by the compiler when a field is missing or too many.

/** A field that may be absent, or null, which means the same in Kubernetes. */
export interface Optional<T> {
  readonly optional: z.ZodType<T>;
}

type IsOptional<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? true : false;

/** One entry for every field of `T`, optional ones marked. */
export type Shape<T> = {
  readonly [K in keyof T]-?: IsOptional<T, K> extends true ? Optional<Exclude<T[K], undefined>> : z.ZodType<T[K]>;
};

export function opt<T>(schema: z.ZodType<T>): Optional<T> {
  return { optional: schema };
}

/** A field that Go decodes to its zero value when it is absent: `''`, `0`, `false`, an empty list or object. */
export function orZero<T>(schema: z.ZodType<T>, zero: unknown): z.ZodType<T> {
  return z.preprocess((value) => value ?? zero, schema).prefault(zero) as unknown as z.ZodType<T>;
}

/** A schema that is made when it is first needed: nobody pays for the kinds that he does not use. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** An object with exactly these fields; unknown ones are refused. */
export function object<T>(shape: Shape<T>): z.ZodType<T> {
  const fields: Record<string, z.ZodType> = {};
  for (const [name, field] of Object.entries<Optional<unknown> | z.ZodType>(shape)) {
    fields[name] = 'optional' in field && !(field instanceof z.ZodType) ? z.nullish(field.optional) : (field as z.ZodType);
  }
  // `Shape` has made sure that the fields are those of T.
  return z.strictObject(fields) as unknown as z.ZodType<T>;
}

export const text: z.ZodType<string> = z.string();
export const int: z.ZodType<number> = z.int();
export const flag: z.ZodType<boolean> = z.boolean();
export const json: z.ZodType<JsonValue> = z.unknown() as unknown as z.ZodType<JsonValue>;
export const unsimulated: z.ZodType<UnsimulatedSource> = z.record(z.string(), json);
export const intOrString: z.ZodType<IntOrString> = z.union([z.int(), z.string()]);
export const time: z.ZodType<Time> = z
  .string()
  .refine((value) => parseTime(value) !== undefined, 'must be a time such as 2024-01-01T00:00:00Z');
export const microTime: z.ZodType<MicroTime> = time;
/** Unquoted numbers are fine, as in Kubernetes. */
export const quantity: z.ZodType<Quantity> = z.preprocess(
  (value) => (typeof value === 'number' || typeof value === 'bigint' ? String(value) : value),
  z.string().refine(isQuantity, 'must be a quantity such as 500m, 2 or 1Gi'),
);
export const resources: z.ZodType<ResourceList> = z.record(z.string(), quantity);
/** In a map of texts, nothing is the empty text. */
export const textMap: z.ZodType<Readonly<Record<string, string>>> = z.record(
  z.string(),
  z.preprocess((value) => value ?? '', z.string()),
);

export function list<T>(element: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.array(element);
}

export function map<T>(element: z.ZodType<T>): z.ZodType<Readonly<Record<string, T>>> {
  return z.record(z.string(), element);
}

export function oneOf<const T extends string>(...values: readonly T[]): z.ZodType<T> {
  return z.enum(values);
}
