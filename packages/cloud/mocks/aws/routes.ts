import { formatNetwork, parseCidr, parseIp, RouteTable } from '@slipway/host';
import { CloudError } from '../../errors.ts';
import type * as m from '../../messages.ts';
import type { BookedInstance, Instances } from './instances.ts';
import { bump, type Region } from './region.ts';

/** The route table of the network that the machines are in. */
export class Routes {
  readonly #region: Region;
  readonly #instances: Instances;
  readonly #goals = new Map<string, BookedInstance>();
  /** The same ranges, indexed; a route's interface is its machine's id. */
  readonly #table = new RouteTable();

  constructor(region: Region, instances: Instances) {
    this.#region = region;
    this.#instances = instances;
  }

  describeRoutes(): m.DescribeRoutesResponse {
    const routes = [...this.#goals].map(
      ([destinationCidr, instance]): m.CloudRoute => ({
        destinationCidr,
        instanceId: instance.id,
        state: this.#leads(instance) ? 'active' : 'blackhole',
      }),
    );
    return { routes: routes.sort((a, b) => (a.destinationCidr < b.destinationCidr ? -1 : 1)) };
  }

  createRoute({ destinationCidr, instanceId }: m.CreateRouteRequest): m.Empty {
    const range = rangeOf(destinationCidr);
    const instance = this.#instances.need(instanceId);
    if (this.#goals.has(range)) throw new CloudError('RouteAlreadyExists', `The route identified by ${range} already exists.`);
    const limit = this.#region.options.routes;
    if (this.#goals.size >= limit) throw new CloudError('RouteLimitExceeded', `The maximum number of routes (${limit}) has been reached.`);
    this.#goals.set(range, instance);
    this.#table.add({ dst: range, dev: instance.id });
    bump(this.#region);
    return {};
  }

  deleteRoute({ destinationCidr }: m.DeleteRouteRequest): m.Empty {
    const range = rangeOf(destinationCidr);
    if (!this.#goals.delete(range))
      throw new CloudError('InvalidRoute.NotFound', `no route with destination-cidr-block ${range} in route table`);
    this.#table.remove(range);
    bump(this.#region);
    return {};
  }

  /** The machine that gets packets for this address; undefined: no route, or one that ends in nothing. */
  routed(address: string): string | undefined {
    const ip = parseIp(address);
    const route = ip && this.#table.find(ip);
    const instance = route && this.#goals.get(route.dst);
    return instance && this.#leads(instance) ? instance.name : undefined;
  }

  #leads(instance: BookedInstance): boolean {
    const state = this.#instances.stateOf(instance);
    return state === 'running' || state === 'pending' || state === 'stopping';
  }
}

/** @throws CloudError InvalidParameterValue */
function rangeOf(text: string): string {
  const range = parseCidr(text);
  if (!range)
    throw new CloudError(
      'InvalidParameterValue',
      `Value (${text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    );
  return formatNetwork(range);
}
