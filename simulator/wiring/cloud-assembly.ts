import { type CloudApi, cloudApi, type CloudNetwork, type CloudServices, type DataCentre } from '@slipway/cloud';
import { type CpiClients, cpiClients, type CpiServices } from '@slipway/cpi';
import type { Cell, Client, Link, Owner } from '@slipway/kernel';
import { createServices } from './check-plugin.ts';
import type { Chosen, ClusterPlugins } from './chosen.ts';
import { PluginPart } from './part.ts';
import { type PluginPlace, pluginContext } from './plugin-context.ts';

/** The cloud that a cluster stands in. */
export class Cloud {
  readonly network: CloudNetwork | undefined;
  /** Set with every change of what the cloud has. */
  readonly changed: Cell<number> | undefined;
  readonly part: PluginPart<CloudServices>;
  readonly #chosen: ClusterPlugins['cloud'];

  constructor(chosen: ClusterPlugins['cloud'], place: PluginPlace, dataCentre: DataCentre) {
    this.#chosen = chosen;
    const name = `cloud/${chosen.plugin.name}`;
    this.part = new PluginPart<CloudServices>({
      name,
      newOwner: () => place.kernel.owner(name),
      create: (part) => createServices(chosen.plugin, { ...pluginContext(chosen, () => part.owner, place), dataCentre }),
      // What a cloud has is not in the memory of the servers that answer for it.
      keepsState: () => true,
    });
    this.network = networkOf(() => this.part.services.network);
    this.changed = this.part.services.changed;
  }

  /** A client of its own for everybody who calls: the cloud's answers, faults and limits reach each by its own way. */
  client(from: Owner): Client<CloudApi> {
    // A cloud that is gone does not hang up.
    const options = { service: cloudApi, from, latency: this.#chosen.plugin.latency, onDeath: 'silent' } as const;
    return this.part.link((services) => services, options).client();
  }
}

/** The share of the data path of a plugin, whichever of its lives it is in; undefined where the first has none. */
function networkOf(current: () => CloudNetwork | undefined): CloudNetwork | undefined {
  if (!current()) return undefined;
  return {
    resolve: (name) => current()?.resolve(name) ?? [],
    balance: (address, port, protocol) => current()?.balance(address, port, protocol),
    routed: (address) => current()?.routed(address),
  };
}

/** The cloud provider of a cluster, and how its controllers reach it. */
export interface Provider {
  readonly part: PluginPart<CpiServices>;
  readonly clients: CpiClients;
  /** The cluster has no cloud provider: nobody asks. */
  readonly absent: boolean;
  /** The provider's own balancers, for those that do not live in the cloud. */
  readonly network: CloudNetwork | undefined;
  /** Its caller was started anew. */
  callFrom(manager: Owner): void;
}

/** Makes the provider and a link for each interface that it has. */
export function assembleProvider(
  chosen: Chosen<ClusterPlugins['cpi']['plugin']>,
  manager: Owner,
  place: PluginPlace,
  cloud: Cloud,
): Provider {
  const { plugin } = chosen;
  const name = `cpi/${plugin.name}`;
  const part = new PluginPart<CpiServices>({
    name,
    newOwner: () => place.kernel.owner(name),
    create: (own) =>
      createServices(plugin, {
        ...pluginContext(chosen, () => own.owner, place),
        cloud: cloud.client(own.owner),
        ...(cloud.changed ? { cloudChanged: cloud.changed } : {}),
      }),
    // Balancers of its own are machines beside it, and are not lost with it.
    keepsState: ({ network }) => network !== undefined,
  });
  const links: Link[] = [];
  const clients = cpiClients(part.services, (implementation, service) => {
    const member = memberOf(part.services, implementation);
    const of = (services: CpiServices): object => (member === undefined ? services : ((services as never)[member] ?? {}));
    const link = part.link(of, { service, from: manager, latency: plugin.latency });
    links.push(link as unknown as Link);
    return link.client() as never;
  });
  return {
    part,
    clients,
    absent: part.services.absent ?? false,
    network: networkOf(() => part.services.network),
    callFrom(owner) {
      for (const link of links) if (link.from !== owner) link.callFrom(owner);
    },
  };
}

/** Under which name the services have one of their interfaces; undefined for the provider itself. */
function memberOf(services: CpiServices, implementation: unknown): string | undefined {
  return Object.entries(services).find(([, value]) => value === implementation)?.[0];
}
