import { type ControllerDefinition, runController } from '@slipway/client';
import type { Client, Owner } from '@slipway/kernel';
import type { Namespace, Pod, Stored } from '@slipway/kube';
import type { PluginContext } from '@slipway/plugin';
import { mesh as meshService, type Mesh, type MeshServices } from '@slipway/smi';
import type { ApiServer } from '../apiserver/index.ts';
import { createAgent, createServices } from './check-plugin.ts';
import type { ClusterPlugins } from './chosen.ts';
import { PluginPart } from './part.ts';
import { type PluginPlace, pluginContext } from './plugin-context.ts';

/** Makes the mesh, lets admission ask it, and returns how others reach it. A mesh that is absent is asked by nobody. */
export function assembleMesh(
  chosen: ClusterPlugins['smi'],
  { server, traffic, apiServer }: { readonly server: ApiServer; readonly traffic: Owner; readonly apiServer: Owner },
  place: PluginPlace,
): { readonly part: PluginPart<MeshServices>; readonly client: Client<Mesh>; readonly absent: boolean } {
  const { plugin } = chosen;
  const name = `smi/${plugin.name}`;
  const agentOf = plugin.agent as ((context: PluginContext) => ControllerDefinition) | undefined;
  const part = new PluginPart<MeshServices>({
    name,
    newOwner: () => place.kernel.owner(name),
    create: (own) => createServices(plugin, pluginContext(chosen, () => own.owner, place) as never),
    beside({ owner, services }) {
      if (!agentOf || services.absent) return;
      const agent = owner.child(`${plugin.name}-agent`);
      const definition = createAgent(plugin, () => agentOf.call(plugin, pluginContext(chosen, agent, place)));
      runController(definition, { api: place.connect(agent), owner: agent });
    },
  });
  const { latency } = plugin;
  const client = (from: Owner): Client<Mesh> => part.link((services) => services, { service: meshService, from, latency }).client();
  const { absent = false } = part.services;
  if (absent) return { part, client: client(traffic), absent };
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
  return { part, client: client(traffic), absent };
}
