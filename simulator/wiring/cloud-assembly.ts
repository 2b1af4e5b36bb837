import { type CloudApi, cloudApi, type CloudNetwork, type CloudServices, type DataCentre } from '@slipway/cloud';
import { type CpiClients, cpiClients, type CpiServices } from '@slipway/cpi';
import { type Cell, type Client, Link, type Owner } from '@slipway/kernel';
import { createServices } from './check-plugin.ts';
import type { Chosen, ClusterPlugins } from './chosen.ts';
import { type PluginPlace, pluginContext } from './plugin-context.ts';

/** The cloud that a cluster stands in. */
export class Cloud {
  readonly network: CloudNetwork | undefined;
  /** Set with every change of what the cloud has. */
  readonly changed: Cell<number> | undefined;
  readonly #services: CloudServices;
  readonly #owner: Owner;
  readonly #chosen: ClusterPlugins['cloud'];
  readonly #links: Map<string, Link>;

  constructor(chosen: ClusterPlugins['cloud'], place: PluginPlace, dataCentre: DataCentre, links: Map<string, Link>) {
    const { kernel } = place;
    this.#chosen = chosen;
    this.#links = links;
    this.#owner = kernel.owner(`cloud/${chosen.plugin.name}`);
    this.#services = createServices(chosen.plugin, { ...pluginContext(chosen, this.#owner, place), dataCentre });
    this.network = this.#services.network;
    this.changed = this.#services.changed;
  }

  /** A client of its own for everybody who calls: the cloud's answers, faults and limits reach each by its own way. */
  client(from: Owner): Client<CloudApi> {
    const link = new Link(this.#services, {
      service: cloudApi,
      from,
      to: this.#owner,
      latency: this.#chosen.plugin.latency,
      // A cloud that is gone does not hang up.
      onDeath: 'silent',
    });
    this.#links.set(`cloud.CloudApi/${from.name}`, link as unknown as Link);
    return link.client();
  }
}

/** The cloud provider of a cluster, and how its controllers reach it. */
export interface Provider {
  readonly clients: CpiClients;
  /** The cluster has no cloud provider: nobody asks. */
  readonly absent: boolean;
  /** The provider's own balancers, for those that do not live in the cloud. */
  readonly network: CloudNetwork | undefined;
}

/** Makes the provider and a link for each interface that it has. */
export function assembleProvider(
  chosen: Chosen<ClusterPlugins['cpi']['plugin']>,
  manager: Owner,
  place: PluginPlace,
  cloud: Cloud,
  links: Map<string, Link>,
): Provider {
  const { plugin } = chosen;
  const owner = place.kernel.owner(`cpi/${plugin.name}`);
  const services: CpiServices = createServices(plugin, {
    ...pluginContext(chosen, owner, place),
    cloud: cloud.client(owner),
    ...(cloud.changed ? { cloudChanged: cloud.changed } : {}),
  });
  const clients = cpiClients(services, (implementation, service) => {
    const link = new Link(implementation as never, { service, from: manager, to: owner, latency: plugin.latency });
    links.set(service.name, link as unknown as Link);
    return link.client() as never;
  });
  return { clients, absent: services.absent ?? false, network: services.network };
}
