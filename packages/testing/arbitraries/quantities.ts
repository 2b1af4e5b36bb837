import fc from 'fast-check';
import type { Quantity, ResourceList, ResourceRequirements } from '@slipway/kube';

/** Any amount that is not negative, in every way to write one: `500m`, `1.5Gi`, `2e3`, `.5`. */
export function arbitraryQuantity(): fc.Arbitrary<Quantity> {
  const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti', 'e2', 'E3', 'e-2');
  const whole = fc.nat({ max: 9999 }).map(String);
  const fraction = fc
    .tuple(fc.option(fc.nat({ max: 99 }), { nil: '' }), fc.nat({ max: 999 }))
    .map(([before, after]) => `${before}.${after}`);
  return fc.tuple(fc.oneof(whole, fraction), suffix).map((parts) => parts.join(''));
}

/** An amount in the smallest unit that is drawn, and the ways to write it. */
interface Measure {
  readonly max: number;
  readonly forms: (amount: number) => readonly [Quantity, ...Quantity[]];
}

const cpu = (maxMillis: number): Measure => ({
  max: maxMillis,
  forms: (millis) => [`${millis}m`, String(millis / 1000)],
});

const bytes = (maxMebibytes: number): Measure => ({
  max: maxMebibytes,
  forms: (mebi) => [`${mebi}Mi`, String(mebi * 2 ** 20), `${mebi * 1024}Ki`, ...(mebi % 1024 === 0 ? [`${mebi / 1024}Gi`] : [])],
});

const amountOf = ({ max, forms }: Measure): fc.Arbitrary<Quantity> =>
  fc.tuple(fc.nat({ max }), fc.nat({ max: 3 })).map(([amount, form]) => written(forms(amount), form));

function written(forms: readonly [Quantity, ...Quantity[]], choice: number): Quantity {
  return forms[choice % forms.length] ?? forms[0];
}

/** Processor time, from 0. @param maxMillis thousandths of a core; left out: 4 cores */
export function arbitraryCpu(maxMillis = 4000): fc.Arbitrary<Quantity> {
  return amountOf(cpu(maxMillis));
}

/** Memory or disk, from 0. @param maxMebibytes left out: 8Gi */
export function arbitraryBytes(maxMebibytes = 8192): fc.Arbitrary<Quantity> {
  return amountOf(bytes(maxMebibytes));
}

/** A request, a limit, or both; then the request is at most the limit. */
function bounds({ max, forms }: Measure): fc.Arbitrary<{ readonly request?: Quantity; readonly limit?: Quantity }> {
  const amounts = fc.tuple(fc.nat({ max }), fc.nat({ max }), fc.nat({ max: 3 }), fc.nat({ max: 3 }));
  return fc.tuple(amounts, fc.constantFrom('both', 'request', 'limit')).map(([[one, other, first, second], which]) => ({
    ...(which === 'limit' ? {} : { request: written(forms(Math.min(one, other)), first) }),
    ...(which === 'request' ? {} : { limit: written(forms(Math.max(one, other)), second) }),
  }));
}

/** Bounds of what a container asks for. */
export interface ResourceBounds {
  /** Thousandths of a core. Left out: 2000. */
  readonly maxMillis?: number;
  /** Left out: 2048. */
  readonly maxMebibytes?: number;
  /** Resources in whole pieces, such as `example.com/gpu`, whose limit and request are always equal. Left out: none. */
  readonly extended?: readonly string[];
}

/** What a container asks for and may use at most; requests are within limits. */
export function arbitraryResources({
  maxMillis = 2000,
  maxMebibytes = 2048,
  extended = [],
}: ResourceBounds = {}): fc.Arbitrary<ResourceRequirements> {
  const pieces = { max: 4, forms: (amount: number): [Quantity] => [String(amount)] };
  const measures: readonly (readonly [resource: string, measure: Measure])[] = [
    ['cpu', cpu(maxMillis)],
    ['memory', bytes(maxMebibytes)],
    ['ephemeral-storage', bytes(maxMebibytes)],
  ];
  const standard = measures.map(([resource, measure]) => fc.option(bounds(measure)).map((bound) => ({ resource, ...bound })));
  const whole = extended.map((resource) =>
    fc.option(amountOf(pieces)).map((amount) => ({ resource, ...(amount === null ? {} : { request: amount, limit: amount }) })),
  );
  return fc.tuple(...standard, ...whole).map((all) => {
    const requests: Record<string, Quantity> = {};
    const limits: Record<string, Quantity> = {};
    for (const { resource, request, limit } of all) {
      if (request !== undefined) requests[resource] = request;
      if (limit !== undefined) limits[resource] = limit;
    }
    return { ...unlessEmpty('requests', requests), ...unlessEmpty('limits', limits) };
  });
}

function unlessEmpty<K extends string>(key: K, amounts: ResourceList): { readonly [Key in K]?: ResourceList } {
  return Object.keys(amounts).length === 0 ? {} : ({ [key]: amounts } as { readonly [Key in K]: ResourceList });
}
