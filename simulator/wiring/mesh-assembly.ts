import { type ControllerDefinition, runController } from '@slipway/client';
import { type Client, Link, type Owner } from '@slipway/kernel';
import type { Namespace, Pod, Stored } from '@slipway/kube';
import type { PluginContext } from '@slipway/plugin';
import { mesh as meshService, type Mesh } from '@slipway/smi';
import type { ApiServer } from '../apiserver/index.ts';
import { createAgent, createServices } from './check-plugin.ts';
import type { ClusterPlugins } from './chosen.ts';
import { type PluginPlace, pluginContext } from './plugin-context.ts';

/** Makes the mesh, lets admission ask it, and returns how others reach it. A mesh that is absent is asked by nobody. */
export function assembleMesh(
  chosen: ClusterPlugins['smi'],
  { server, traffic, apiServer }: { readonly server: ApiServer; readonly traffic: Owner; readonly apiServer: Owner },
  place: PluginPlace,
  links: Map<string, Link>,
): { readonly client: Client<Mesh>; readonly absent: boolean } {
  const { plugin } = chosen;
  const owner = place.kernel.owner(`smi/${plugin.name}`);
  const context = pluginContext(chosen, owner, place);
  const services = createServices(plugin, context as never);
  const client = (from: Owner): Client<Mesh> => {
    const link = new Link(services, { service: meshService, from, to: owner, latency: plugin.latency });
    links.set(`smi.Mesh/${from.name}`, link as unknown as Link);
    return link.client();
  };
  if (services.absent) return { client: client(traffic), absent: true };
  const injector = client(apiServer);
  server.addWebhook({
    name: `${plugin.name}-proxy-injector`,
    matches: ({ kind, operation }) => kind.plural === 'pods' && operation === 'create',
    *admit({ object, namespace: name }) {
      const pod = object as Pod;
      const namespace = server.peek('namespaces', undefined, name);
      if (!namespace) return pod;
      return (yield* injector.inject({ pod, namespace: namespace as Stored<Namespace> })).pod ?? pod;
    },
  });
  const agent = owner.child(`${plugin.name}-agent`);
  const agentOf = plugin.agent as ((context: PluginContext) => ControllerDefinition) | undefined;
  if (agentOf) {
    runController(
      createAgent(plugin, () => agentOf.call(plugin, pluginContext(chosen, agent, place))),
      { api: place.connect(agent), owner: agent },
    );
  }
  return { client: client(traffic), absent: false };
}
