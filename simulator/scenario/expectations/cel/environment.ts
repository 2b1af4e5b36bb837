import { Environment } from '@marcbachmann/cel-js';
import { isQuantity, parseQuantity } from '@slipway/kube';

/** The parser alone: which names an expression uses is known only after it has been read. */
export function bareEnvironment(): Environment {
  return new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, unlistedVariablesAreDyn: true });
}

/** What an expression may name. */
export interface Declarations {
  /** Lists of objects. */
  readonly lists: Iterable<string>;
  /** Values of any type: variables of the scenario, elements within a macro. */
  readonly values: Iterable<string>;
}

/**
 * The language of expectations: standard CEL with optional fields (`p.?status.?phase.orValue("")`), `now` in seconds, and `quantity`,
 * which makes a number of `1Gi` or `500m`. The methods are those of Kubernetes' quantity library.
 */
export function celEnvironment({ lists, values }: Declarations): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  for (const name of lists) environment.registerVariable(name, 'list');
  for (const name of values) environment.registerVariable(name, 'dyn');
  return environment
    .registerVariable('now', 'double')
    .registerFunction('quantity(dyn): double', quantity)
    .registerFunction('isQuantity(dyn): bool', (text: unknown) => isQuantity(String(text)))
    .registerFunction('double.isGreaterThan(double): bool', (left: number, right: number) => left > right)
    .registerFunction('double.isLessThan(double): bool', (left: number, right: number) => left < right)
    .registerFunction('double.compareTo(double): int', (left: number, right: number) => BigInt(Number(left > right) - Number(left < right)))
    .registerFunction('double.asApproximateFloat(): double', (value: number) => value);
}

/** Exact to 10⁻⁹ below nine millions, and to sixteen digits above: enough to compare what a cluster holds. */
function quantity(text: unknown): number {
  return Number(parseQuantity(String(text)).nano) / 1e9;
}
