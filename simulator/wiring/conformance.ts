import { NETWORK_CONFIG_DIRECTORY, type PluginConfig, cniPlugin, parseNetworkConfig } from '@slipway/cni';
import { capacityOf, cniCases, type CniSubject, LostAddress } from '@slipway/cni/conformance';
import { cloudCases } from '@slipway/cloud/conformance';
import { cpiCases, type CpiSubject } from '@slipway/cpi/conformance';
import { imageService, runtimeService } from '@slipway/cri';
import { criCases } from '@slipway/cri/conformance';
import { csiGroupController, csiIdentity, csiNode, csiSnapshotMetadata } from '@slipway/csi';
import { csiCases, type CsiSubject } from '@slipway/csi/conformance';
import { CallError, type Client, type ConformanceCase, type Link, messageOf, type Process, type Service, seconds } from '@slipway/kernel';
import { kindOf, type KubeObject, type Node, type StorageClass, type Stored } from '@slipway/kube';
import { makeOciSubject, ociCases } from '@slipway/oci/conformance';
import { OciRegistry } from '@slipway/oci/mocks';
import { meshCases, type MeshSubject } from '@slipway/smi/conformance';
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
/** The machine's pods have so few addresses that a case can use them up: five, or six where the plugin needs no gateway. */
const POD_CIDR = '10.244.0.0/29';
/** Of the same zone, for what moves. */
const OTHER_NODE = 'node-2';

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
  const names = kind === 'csi' || kind === 'cpi' || kind === 'cloud' ? [NODE, OTHER_NODE] : [NODE];
  const world = (): World => make({ nodes: names.map((name) => ({ name, kubelet: false })), withoutInvariants: true });
  const each = async <S>(cases: readonly ConformanceCase<S>[], connect: (breaches: string[]) => Promise<S>): Promise<void> => {
    for (const one of cases) {
      const result = await runCase(one, connect);
      results.push(result);
      onResult?.(result);
    }
  };
  if (kind === 'cni') {
    // A plugin may keep addresses to itself, or care nothing for the range: how many there are is found by using them up.
    const capacity = await capacityOf(cniSubject(await networkedWorld(world, [], POD_CIDR)));
    await each(cniCases, async (breaches) => cniSubject(await networkedWorld(world, breaches, POD_CIDR), capacity));
  } else if (kind === 'cri') await each(criCases, async (breaches) => criSubject(await networkedWorld(world, breaches)));
  else if (kind === 'csi') await each(csiCases, async (breaches) => csiSubject(await installedWorld(world, breaches), choices));
  else if (kind === 'cpi') await each(cpiCases, async (breaches) => cpiSubject(await installedWorld(world, breaches)));
  else if (kind === 'smi') await each(meshCases, async (breaches) => meshSubject(await installedWorld(world, breaches)));
  else if (kind === 'cloud') await each(cloudCases, async (breaches) => cloudSubject(await installedWorld(world, breaches)));
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
    // A wrong answer is why a case fails, except where the case knows what led to it.
    const message = error instanceof LostAddress ? undefined : breaches[0];
    return { id, title, source, outcome: 'failed', message: message ?? messageOf(error) };
  }
}

/**
 * A world whose one machine has its network configured, as the plugin's own agent does it.
 *
 * @param podCidr the machine's range of pod addresses. Left out: as the cluster gives it
 */
async function networkedWorld(make: () => World, breaches: string[], podCidr?: string): Promise<World> {
  const world = make();
  const { node } = nodeOf(world);
  world.kernel.events.on('breach', ({ side, call, rule, message }) => {
    // Cases send wrong requests on purpose; an answer must never be wrong.
    if (side === 'plugin') breaches.push(`${call} broke ${rule}: ${message}`);
  });
  await world.kernel.completeAsync(
    world.user,
    'register',
    world.api.nodes.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: NODE },
      spec: podCidr === undefined ? {} : { podCIDR: podCidr, podCIDRs: [podCidr] },
    }),
  );
  for (let time = 1; time <= 30 && configOf(node) === undefined; time++)
    await world.kernel.runAsync({ until: world.kernel.now + seconds(1) });
  return world;
}

/** A world in which the plugins' own objects are installed. */
async function installedWorld(make: () => World, breaches: string[]): Promise<World> {
  const world = make();
  world.kernel.events.on('breach', ({ side, call, rule, message }) => {
    if (side === 'plugin') breaches.push(`${call} broke ${rule}: ${message}`);
  });
  await world.kernel.runAsync({ until: world.kernel.now + seconds(1) });
  return world;
}

function csiSubject(world: World, { csi }: PluginChoices): CsiSubject {
  const [driver] = world.drivers;
  const parameters = (driver?.plugin.manifests ?? []).find((object): object is StorageClass => object.kind === 'StorageClass')?.parameters;
  if (!driver) throw new PluginError('no storage driver is named', `write --plugin NAME, not ${JSON.stringify(csi)}`);
  const { groupController, snapshotMetadata } = driver.services;
  return {
    identity: driver.identity(world.user),
    ...(driver.services.controller ? { controller: driver.controller(world.user) } : {}),
    ...(groupController ? { groupController: driver.client(world.user, () => groupController, csiGroupController) } : {}),
    ...(snapshotMetadata ? { snapshotMetadata: driver.client(world.user, () => snapshotMetadata, csiSnapshotMetadata) } : {}),
    nodes: [NODE, OTHER_NODE].map((name) => csiMachine(world, world.nodes.get(name) as ClusterNode, driver.plugin.name)),
    random: world.kernel.random('conformance'),
    ...(parameters === undefined ? {} : { parameters }),
    settle: settler(world),
  };
}

/** A machine with the driver's node services, which start anew with its power. */
function csiMachine(world: World, node: ClusterNode, driver: string): CsiSubject['nodes'][number] {
  const { name, host } = node;
  const powerCycle = async (): Promise<void> => {
    node.powerOff();
    node.powerOn();
    await world.kernel.runAsync({ until: world.kernel.now + seconds(1) });
  };
  if (!node.links.has(`csi.Node/${driver}`)) return { name, host, powerCycle };
  return {
    name,
    host,
    get node() {
      return clientOf(node, `csi.Node/${driver}`, csiNode);
    },
    get identity() {
      return clientOf(node, `csi.Identity/${driver}`, csiIdentity);
    },
    powerCycle,
  };
}

function meshSubject(world: World): MeshSubject {
  const settle = settler(world);
  const resource = (object: KubeObject) => {
    const group = object.apiVersion.includes('/') ? object.apiVersion.slice(0, object.apiVersion.indexOf('/')) : '';
    const kind = world.server.kinds().find((one) => one.kind === object.kind && one.group === group);
    if (!kind) throw new CallError('NotFound', `no ${object.kind} of ${object.apiVersion} is served`);
    return world.api.resource<KubeObject>(kindOf(object.apiVersion, object.kind) ? kind.plural : `${kind.plural}.${kind.group}`);
  };
  const known = (): Promise<unknown> => world.kernel.runAsync({ until: world.kernel.now + seconds(1) });
  return {
    mesh: world.mesh,
    async put(object) {
      const { name, namespace } = object.metadata;
      if (namespace !== undefined && !world.server.peek('namespaces', undefined, namespace))
        await settle(world.api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));
      await settle(resource(object).patch({ ...(namespace === undefined ? {} : { namespace }), name, type: 'apply', patch: object }));
      await known();
    },
    async remove(object) {
      const { name, namespace } = object.metadata;
      await settle(resource(object).delete({ ...(namespace === undefined ? {} : { namespace }), name }));
      await known();
    },
    settle,
    random: world.kernel.random('conformance'),
  };
}

async function cpiSubject(world: World): Promise<CpiSubject> {
  const settle = settler(world);
  const register = (name: string): Stored<Node> =>
    world.kernel.complete(world.user, 'register', world.api.nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {} }));
  const { cpi } = world.controlPlane;
  const nodes = [NODE, OTHER_NODE].map(register);
  const nowhere = register('nowhere');
  return {
    cpi,
    nodes,
    unknown: { ...nowhere, spec: { ...nowhere.spec, providerID: await unknownId() } },
    podCidr: '10.244.0.0/24',
    random: world.kernel.random('conformance'),
    settle,
  };

  /** As the provider writes ids, of a machine that nobody has. */
  async function unknownId(): Promise<string> {
    const known = cpi.instancesV2 && nodes[0] ? await settle(cpi.instancesV2.instanceMetadata({ node: nodes[0] })) : undefined;
    const id = known?.metadata?.providerId ?? 'none://nowhere';
    return id.replace(/[0-9a-z]+$/, (last) => last.replace(/[0-9a-z]/g, '0'));
  }
}

function cloudSubject(world: World) {
  return {
    cloud: world.cloud.client(world.user),
    dataCentre: world.dataCentre,
    random: world.kernel.random('conformance'),
    settle: settler(world),
  };
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

function cniSubject(world: World, capacity?: number): CniSubject {
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
    ...(capacity === undefined ? {} : { capacity }),
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
