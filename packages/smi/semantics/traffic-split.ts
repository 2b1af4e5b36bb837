import { cpuMillis, isQuantity } from '@slipway/kube';
import type { HttpAttributes } from '../messages.ts';
import type { TrafficSplit, TrafficSplitBackend } from '../types/index.ts';
import { validateTrafficSplit } from '../validate.ts';
import type { RouteGroup } from './http-routes.ts';

/** A Service and how much of the traffic it gets, relative to the others. */
export interface Share {
  readonly service: string;
  /** Greater than 0. */
  readonly weight: number;
}

/** What a split is looked at with: its own namespace. */
export interface SplitSurroundings {
  routeGroup(name: string): RouteGroup | undefined;
  /** Ports of a Service; undefined for one that is not there. */
  ports(service: string): readonly number[] | undefined;
}

/** A backend's weight: thousandths for the quantities of v1alpha1, which must not be mixed with whole numbers; NaN for anything else. */
export function weightOf({ weight }: TrafficSplitBackend, quantities = false): number {
  if (typeof weight === 'number') return quantities ? weight * 1000 : weight;
  return isQuantity(weight) ? cpuMillis(weight) : Number.NaN;
}

/** All weights of a split in one unit. */
export function weightsOf({ spec }: TrafficSplit): readonly number[] {
  const quantities = spec.backends.some(({ weight }) => typeof weight === 'string');
  return spec.backends.map((backend) => weightOf(backend, quantities));
}

/** A split that is ready to be asked often. */
export interface CompiledSplit {
  /** Why it is not applied at all, for people: a split with a mistake is not half applied. Slipway SMI-01. */
  readonly mistake?: string;
  /** Who shares a request to a port of the root service; nobody: it goes to the root service. */
  shares(request: { readonly port: number; readonly http?: HttpAttributes }, surroundings: SplitSurroundings): readonly Share[];
}

const NOBODY: readonly Share[] = [];

/** SMI split v1alpha4, "Specification", "Ports", "Tradeoffs": weights are relative, splits do not nest, other requests use the root. */
export function compileSplit(split: TrafficSplit): CompiledSplit {
  const [mistake] = validateTrafficSplit(split);
  if (mistake) return { mistake: `${mistake.field}: ${mistake.detail}`, shares: () => NOBODY };
  const { backends, matches = [] } = split.spec;
  const weights = weightsOf(split);
  const merged = new Map<string, number>();
  for (const [at, { service }] of backends.entries()) merged.set(service, (merged.get(service) ?? 0) + (weights[at] as number));
  const all = [...merged].filter(([, weight]) => weight > 0).map(([service, weight]) => ({ service, weight }));
  return {
    shares({ port, http }, surroundings) {
      if (matches.length > 0 && !(http && matches.some(({ name }) => surroundings.routeGroup(name)?.(http) === true))) return NOBODY;
      const able = all.filter(({ service }) => surroundings.ports(service)?.includes(port) === true);
      return able.length === all.length ? all : able;
    },
  };
}

/**
 * Smooth weighted round robin, as nginx has it: each pick raises everyone by its weight and lowers the chosen one by the sum. After n
 * picks no one has had 1 more than its exact share, and after as many picks as the sum of weights everyone has had exactly it.
 */
export class SmoothRoundRobin {
  readonly #current = new Map<string, number>();

  /** @param shares not empty; may differ from call to call */
  next(shares: readonly Share[]): string {
    let total = 0;
    let chosen = '';
    let highest = Number.NEGATIVE_INFINITY;
    for (const { service, weight } of shares) {
      const raised = (this.#current.get(service) ?? 0) + weight;
      this.#current.set(service, raised);
      total += weight;
      // The first of equals, in the order of the split.
      if (raised > highest) {
        highest = raised;
        chosen = service;
      }
    }
    this.#current.set(chosen, highest - total);
    return chosen;
  }
}
