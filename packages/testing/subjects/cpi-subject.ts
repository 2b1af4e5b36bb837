import { type CloudApi, cloudApi } from '@slipway/cloud';
import { cpiClients, type CpiServices } from '@slipway/cpi';
import type { CpiSubject } from '@slipway/cpi/conformance';
import { nodeNamed, type SmallCloud, smallCloud } from '@slipway/cpi/testing';
import { type Client, type Implementation, link, type Process, type Service } from '@slipway/kernel';
import type { Plugin } from '@slipway/plugin';
import { parseOptions, pluginContext, type StubOptions } from '../stub-context.ts';
import { breachesOf, type Watched } from './breaches.ts';
import { type Restarts, Standing } from './restart.ts';

/** What stands around a cloud provider. */
export interface CpiSurroundings extends Pick<StubOptions, 'api' | 'kernel'> {
  /** The plugin's options, before its schema. */
  readonly options?: unknown;
  /** An id in the provider's form whose machine does not exist. Left out: one of AWS. */
  readonly unknownId?: string;
  /** How it comes up again after a crash. Left out: made anew. */
  readonly restarts?: Restarts;
}

/** A cloud provider, in a small cloud with two machines. */
export interface StubCpiSubject extends CpiSubject, Watched {
  readonly breaches: readonly string[];
  /** What tests look at and change behind the provider's back. */
  readonly cloud: SmallCloud;
  readonly keepsMemory: boolean;
  /** The provider ends where it stands, and is there again at once. */
  restart(): void;
}

/** Puts a cloud provider before a small cloud, for `cpiCases` and `cpiStories`. */
export function cpiSubject<O>(plugin: Plugin<'cpi', O>, surroundings: CpiSurroundings = {}): StubCpiSubject {
  const { kernel: options, api, unknownId = 'aws:///us-east-1a/i-0ffffffffffffffff', restarts = 'fresh' } = surroundings;
  const parsed = parseOptions(plugin, surroundings.options);
  const world = pluginContext({ ...(options === undefined ? {} : { kernel: options }) });
  const { kernel } = world;
  const caller = kernel.owner('cloud-controller-manager');
  const vendor = kernel.owner('cloud');
  const cloud = smallCloud();
  for (const name of ['n1', 'n2']) cloud.machine(name);
  const standing = new Standing(() => kernel.owner(`cpi/${plugin.name}`));
  const make = (): CpiServices => {
    const owner = (): typeof caller => standing.owner;
    // The stub always has a machine; what runs once for the cluster is not to see it.
    const {
      host: _host,
      node: _node,
      ...context
    } = pluginContext<O>({
      options: parsed,
      host: world.host,
      owner,
      ...(api === undefined ? {} : { api }),
    });
    const client = link<CloudApi>(cloud.api, { service: cloudApi, from: owner(), to: vendor });
    return plugin.create({ ...context, cloud: client, cloudChanged: cloud.changed });
  };
  const wire = <S>(implementation: Implementation<S>, service: Service<S>): Client<S> =>
    standing.keep(link(implementation, { service, from: caller, to: standing.owner, latency: plugin.latency }), implementation);
  const remake = (): readonly Implementation<never>[] => {
    const made: Implementation<never>[] = [];
    // Goes through the services in the order in which their links were made.
    cpiClients(make(), (implementation) => {
      made.push(implementation as Implementation<never>);
      return undefined as never;
    });
    return made;
  };
  const breaches = breachesOf(kernel);
  return {
    cpi: cpiClients(make(), wire),
    nodes: [nodeNamed('n1', 1), nodeNamed('n2', 2)],
    unknown: nodeNamed('n9', 9, unknownId),
    podCidr: '10.244.7.0/24',
    random: kernel.random('cases'),
    settle: <T>(process: Process<T>) => kernel.completeAsync(caller, 'test', process),
    breaches,
    cloud,
    keepsMemory: restarts === 'kept',
    restart: () => standing.restart(restarts === 'kept' ? undefined : remake),
  };
}
