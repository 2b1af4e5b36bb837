import { NETWORK_CONFIG_DIRECTORY, type PluginConfig, cniPlugin, parseNetworkConfig } from '@slipway/cni';
import { cniCases } from '@slipway/cni/conformance';
import { imageService, runtimeService } from '@slipway/cri';
import { criCases } from '@slipway/cri/conformance';
import { type Client, type ConformanceCase, type Link, messageOf, type Process, type Service, seconds } from '@slipway/kernel';
import { makeOciSubject, ociCases } from '@slipway/oci/conformance';
import { OciRegistry } from '@slipway/oci/mocks';
import type { PluggableInterface } from './catalog.ts';
import { type PluginChoices, worldFactory } from './container.ts';
import type { ClusterNode } from './node-assembly.ts';
import { PluginError } from './plugin-error.ts';
import type { World } from './world.ts';

/** What became of one case. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly message: string;
}

const NODE = 'node-1';

/**
 * Runs an interface's cases against a plugin, each in a fresh world of one machine without a kubelet. What the plugin does against its
 * spec fails the case in which it does so.
 */
export async function runConformance(
  kind: PluggableInterface,
  choices: PluginChoices,
  onResult?: (result: CaseResult) => void,
): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const make = worldFactory(choices);
  const world = (): World => make({ nodes: [{ name: NODE, kubelet: false }], withoutInvariants: true });
  const each = async <S>(cases: readonly ConformanceCase<S>[], connect: (breaches: string[]) => Promise<S>): Promise<void> => {
    for (const one of cases) {
      const result = await runCase(one, connect);
      results.push(result);
      onResult?.(result);
    }
  };
  if (kind === 'cni') await each(cniCases, async (breaches) => cniSubject(await networkedWorld(world, breaches)));
  else if (kind === 'cri') await each(criCases, async (breaches) => criSubject(await networkedWorld(world, breaches)));
  else {
    await each(ociCases, async () => {
      const { node } = nodeOf(world());
      return makeOciSubject({ runtime: (host) => node.ociRuntimeFor(host), distribution: () => new OciRegistry() });
    });
  }
  return results;
}

async function runCase<S>(
  { id, title, source, run }: ConformanceCase<S>,
  connect: (breaches: string[]) => Promise<S>,
): Promise<CaseResult> {
  const breaches: string[] = [];
  try {
    const verdict = await run(() => connect(breaches));
    if (breaches.length > 0) return { id, title, source, outcome: 'failed', message: breaches[0] as string };
    return { id, title, source, outcome: verdict ? 'skipped' : 'passed', message: verdict?.skipped ?? '' };
  } catch (error) {
    if (error instanceof PluginError) throw error;
    return { id, title, source, outcome: 'failed', message: breaches[0] ?? messageOf(error) };
  }
}

/** A world whose one machine has its network configured, as the plugin's own agent does it. */
async function networkedWorld(make: () => World, breaches: string[]): Promise<World> {
  const world = make();
  const { node } = nodeOf(world);
  world.kernel.events.on('breach', ({ side, call, rule, message }) => {
    // Cases send wrong requests on purpose; an answer must never be wrong.
    if (side === 'plugin') breaches.push(`${call} broke ${rule}: ${message}`);
  });
  await world.kernel.completeAsync(
    world.user,
    'register',
    world.api.nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: NODE }, spec: {} }),
  );
  for (let time = 1; time <= 30 && configOf(node) === undefined; time++)
    await world.kernel.runAsync({ until: world.kernel.now + seconds(1) });
  return world;
}

function nodeOf(world: World): { readonly node: ClusterNode } {
  return { node: world.nodes.get(NODE) as ClusterNode };
}

/** What the plugin will read: the first plugin of the node's first network. */
function configOf({ host }: ClusterNode): PluginConfig | undefined {
  const [file] = host.files.exists(NETWORK_CONFIG_DIRECTORY) ? [...host.files.list(NETWORK_CONFIG_DIRECTORY)].sort() : [];
  if (file === undefined) return undefined;
  const { name, plugins, cniVersion = '1.1.0' } = parseNetworkConfig(host.files.readText(`${NETWORK_CONFIG_DIRECTORY}/${file}`));
  const [first] = plugins;
  return first && ({ ...first, name, cniVersion } as PluginConfig);
}

function cniSubject(world: World) {
  const { node } = nodeOf(world);
  const config = configOf(node);
  if (!config)
    throw new PluginError(
      'the network plugin configured no network within 30 s',
      'its agent writes a file into /etc/cni/net.d, or leave the agent out',
    );
  let namespaces = 0;
  return {
    cni: clientOf(node, 'cni.Plugin', cniPlugin),
    host: node.host,
    config,
    random: world.kernel.random('conformance'),
    makeNamespace() {
      namespaces += 1;
      return node.host.network.create(`/var/run/netns/conformance-${namespaces}`).path;
    },
    settle: settler(world),
  };
}

function criSubject(world: World) {
  const { node } = nodeOf(world);
  return {
    get runtime() {
      return clientOf(node, 'cri.RuntimeService', runtimeService);
    },
    get image() {
      return clientOf(node, 'cri.ImageService', imageService);
    },
    settle: settler(world),
    readFile: (path: string) => node.host.files.readText(path),
    moveFile: (from: string, to: string) => node.host.files.rename(from, to),
    reboot() {
      node.powerOff();
      node.powerOn();
    },
  };
}

function settler(world: World): <T>(process: Process<T>) => Promise<T> {
  return (process) => world.kernel.completeAsync(world.user, 'case', process);
}

function clientOf<S>(node: ClusterNode, name: string, _service: Service<S>): Client<S> {
  return (node.links.get(name) as unknown as Link<S>).client();
}
