import type { Host } from '@slipway/host';
import { type Client, codeOf, messageOf, must, type Process } from '@slipway/kernel';
import type { CsiController, CsiGroupController, CsiNode, CsiSnapshotMetadata } from '../contract.ts';
import type * as m from '../messages/index.ts';
import type { CapabilityName } from '../methods.ts';
import { type CsiSubject, type CsiSubjectNode, GIB } from './subject.ts';

/** What a driver reports, in one set. */
export type Reported = CapabilityName | `expansion:${m.PluginCapabilityVolumeExpansionType}`;

/** A volume in use on a node, with all that the calls about it take. */
export interface Use {
  readonly volume: m.Volume;
  /** Index of the node. */
  readonly at: number;
  readonly capability: m.VolumeCapability;
  readonly readonly: boolean;
  readonly publishContext: Readonly<Record<string, string>>;
  readonly target: string;
}

/** How a volume is used; what is left out is the subject's default. */
export interface UseOptions {
  readonly at?: number;
  readonly capability?: m.VolumeCapability;
  readonly readonly?: boolean;
  /** Left out: a path of its own. */
  readonly target?: string;
}

/** A subject with the moves that the cases are made of, as Kubernetes makes them. */
export class Bench {
  readonly subject: CsiSubject;
  #reported: ReadonlySet<Reported> | undefined;
  #names = 0;
  #pods = 0;
  readonly #stagingPaths = new Map<string, string>();

  constructor(subject: CsiSubject) {
    this.subject = subject;
  }

  /** Everything that the driver reports through its capability calls. */
  async reported(): Promise<ReadonlySet<Reported>> {
    if (this.#reported) return this.#reported;
    const { identity, controller, groupController } = this.subject;
    const all = new Set<Reported>();
    const plugin = await this.settle(identity.getPluginCapabilities({}));
    for (const capability of plugin.capabilities ?? []) {
      all.add('service' in capability ? `plugin:${capability.service.type}` : `expansion:${capability.volumeExpansion.type}`);
    }
    if (controller) {
      const { capabilities = [] } = await this.settle(controller.controllerGetCapabilities({}));
      for (const { rpc } of capabilities) all.add(`controller:${rpc.type}`);
    }
    if (groupController) {
      const { capabilities = [] } = await this.settle(groupController.groupControllerGetCapabilities({}));
      for (const { rpc } of capabilities) all.add(`group:${rpc.type}`);
    }
    const node = this.subject.nodes[0]?.node;
    if (node) {
      const { capabilities = [] } = await this.settle(node.nodeGetCapabilities({}));
      for (const { rpc } of capabilities) all.add(`node:${rpc.type}`);
    }
    this.#reported = all;
    return all;
  }

  async has(capability: Reported): Promise<boolean> {
    return (await this.reported()).has(capability);
  }

  settle<T>(process: Process<T>): Promise<T> {
    return this.subject.settle(process);
  }

  get controller(): Client<CsiController> {
    const { controller } = this.subject;
    must(controller !== undefined, 'the driver has a controller service');
    return controller;
  }

  get group(): Client<CsiGroupController> {
    const { groupController } = this.subject;
    must(groupController !== undefined, 'the driver has a group controller service');
    return groupController;
  }

  get metadata(): Client<CsiSnapshotMetadata> {
    const { snapshotMetadata } = this.subject;
    must(snapshotMetadata !== undefined, 'the driver has a snapshot metadata service');
    return snapshotMetadata;
  }

  machine(at = 0): CsiSubjectNode {
    const machine = this.subject.nodes[at];
    must(machine !== undefined, `there is a machine number ${at + 1}`);
    return machine;
  }

  node(at = 0): Client<CsiNode> {
    const { node } = this.machine(at);
    must(node !== undefined, 'the driver has a node service');
    return node;
  }

  host(at = 0): Host {
    return this.machine(at).host;
  }

  async nodeId(at = 0): Promise<string> {
    return (await this.settle(this.node(at).nodeGetInfo({}))).nodeId;
  }

  /** A name that no volume or snapshot has yet. */
  name(kind = 'volume'): string {
    this.#names += 1;
    return `conformance-${kind}-${this.#names}`;
  }

  get capacityBytes(): number {
    return this.subject.capacityBytes ?? 10 * GIB;
  }

  /** The subject's usual capability, in another mode if wanted. */
  capability(mode?: m.VolumeCapabilityAccessModeMode): m.VolumeCapability {
    const usual = this.subject.volumeCapability ?? { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } };
    return mode === undefined ? usual : { ...usual, accessMode: { mode } };
  }

  /** A request that the driver has to grant, as the external-provisioner makes it for a pod on the first node. */
  async createRequest(more: Partial<m.CreateVolumeRequest> = {}): Promise<m.CreateVolumeRequest> {
    const { parameters } = this.subject;
    const topology = (await this.has('plugin:VOLUME_ACCESSIBILITY_CONSTRAINTS')) ? await this.topology() : undefined;
    return {
      name: more.name ?? this.name(),
      capacityRange: { requiredBytes: this.capacityBytes },
      volumeCapabilities: [this.capability()],
      ...(parameters === undefined ? {} : { parameters }),
      ...(topology === undefined ? {} : { accessibilityRequirements: { requisite: [topology], preferred: [topology] } }),
      ...more,
    };
  }

  /** Where a node is; undefined when the driver does not say. */
  async topology(at = 0): Promise<m.Topology | undefined> {
    if (!this.subject.nodes[at]?.node) return undefined;
    return (await this.settle(this.node(at).nodeGetInfo({}))).accessibleTopology;
  }

  async create(more: Partial<m.CreateVolumeRequest> = {}): Promise<m.Volume> {
    return (await this.settle(this.controller.createVolume(await this.createRequest(more)))).volume;
  }

  /** Gives the volume to a node, if the driver has that step. */
  async attach(volume: m.Volume, { at = 0, capability = this.capability(), readonly = false }: UseOptions = {}): Promise<Use> {
    const use: Use = { volume, at, capability, readonly, publishContext: {}, target: this.targetPath(volume) };
    if (!(await this.has('controller:PUBLISH_UNPUBLISH_VOLUME'))) return use;
    const request = await this.publishRequest(use);
    const { publishContext = {} } = await this.settle(this.controller.controllerPublishVolume(request));
    return { ...use, publishContext };
  }

  async publishRequest({ volume, at, capability, readonly }: Use): Promise<m.ControllerPublishVolumeRequest> {
    return { volumeId: volume.volumeId, nodeId: await this.nodeId(at), volumeCapability: capability, readonly, ...contextOf(volume) };
  }

  async detach({ volume, at }: Pick<Use, 'volume' | 'at'>): Promise<void> {
    if (!(await this.has('controller:PUBLISH_UNPUBLISH_VOLUME'))) return;
    await this.settle(this.controller.controllerUnpublishVolume({ volumeId: volume.volumeId, nodeId: await this.nodeId(at) }));
  }

  /** Stages on the node, if the driver has that step. */
  async stage(use: Use): Promise<void> {
    if (!(await this.has('node:STAGE_UNSTAGE_VOLUME'))) return;
    this.host(use.at).files.makeDirectory(this.stagingPath(use.volume), { recursive: true });
    await this.settle(this.node(use.at).nodeStageVolume(this.stageRequest(use)));
  }

  stageRequest({ volume, capability, publishContext }: Use): m.NodeStageVolumeRequest {
    const stagingTargetPath = this.stagingPath(volume);
    return { volumeId: volume.volumeId, publishContext, stagingTargetPath, volumeCapability: capability, ...contextOf(volume) };
  }

  async unstage({ volume, at }: Pick<Use, 'volume' | 'at'>): Promise<void> {
    if (!(await this.has('node:STAGE_UNSTAGE_VOLUME'))) return;
    const stagingTargetPath = this.stagingPath(volume);
    await this.settle(this.node(at).nodeUnstageVolume({ volumeId: volume.volumeId, stagingTargetPath }));
  }

  /** Publishes at the use's target path, whose parent it makes, as a kubelet does. */
  async publish(use: Use): Promise<void> {
    this.host(use.at).files.makeDirectory(folderOf(use.target), { recursive: true });
    await this.settle(this.node(use.at).nodePublishVolume(await this.nodePublishRequest(use)));
  }

  async nodePublishRequest({ volume, capability, readonly, publishContext, target }: Use): Promise<m.NodePublishVolumeRequest> {
    const staged = (await this.has('node:STAGE_UNSTAGE_VOLUME')) ? { stagingTargetPath: this.stagingPath(volume) } : {};
    return {
      volumeId: volume.volumeId,
      publishContext,
      ...staged,
      targetPath: target,
      volumeCapability: capability,
      readonly,
      ...contextOf(volume),
    };
  }

  async unpublish({ volume, at, target }: Pick<Use, 'volume' | 'at' | 'target'>): Promise<void> {
    await this.settle(this.node(at).nodeUnpublishVolume({ volumeId: volume.volumeId, targetPath: target }));
  }

  /** The whole way from a volume to a published path. */
  async up(volume: m.Volume, options: UseOptions = {}): Promise<Use> {
    // Read-only for the node as a whole is a feature of its own; for the pod it is not.
    const readonly = (options.readonly ?? false) && (await this.has('controller:PUBLISH_READONLY'));
    const attached = await this.attach(volume, { ...options, readonly });
    const use = { ...attached, readonly: options.readonly ?? false, target: options.target ?? attached.target };
    await this.stage(use);
    await this.publish(use);
    return use;
  }

  /** The whole way back. */
  async down(use: Use): Promise<void> {
    await this.unpublish(use);
    await this.unstage(use);
    await this.detach(use);
  }

  /** Where a kubelet stages the volume. */
  stagingPath({ volumeId }: Pick<m.Volume, 'volumeId'>): string {
    let path = this.#stagingPaths.get(volumeId);
    if (path === undefined) {
      path = `/var/lib/kubelet/plugins/kubernetes.io/csi/conformance/${this.#stagingPaths.size + 1}/globalmount`;
      this.#stagingPaths.set(volumeId, path);
    }
    return path;
  }

  /** Where a kubelet publishes the volume for one more pod. */
  targetPath({ volumeId }: Pick<m.Volume, 'volumeId'>): string {
    this.#pods += 1;
    return `/var/lib/kubelet/pods/pod-${this.#pods}/volumes/kubernetes.io~csi/${volumeId.replaceAll('/', '~')}/mount`;
  }

  /** Why nothing can be said about files in a use; undefined when something can. */
  noFiles({ at, target, capability }: Use): { readonly skipped: string } | undefined {
    if ('block' in capability) return { skipped: 'volumes are used as raw devices' };
    return this.host(at).mounts.at(target) === undefined ? { skipped: 'the driver mounts nothing at the target path' } : undefined;
  }

  /** Writes a file into a published volume so that it outlives power. */
  write({ at, target }: Use, name: string, text: string): void {
    this.host(at).files.write(`${target}/${name}`, text, { sync: true });
  }

  /** Text of a file in a published volume; undefined when it is not there. */
  read({ at, target }: Use, name: string): string | undefined {
    const { files } = this.host(at);
    return files.exists(`${target}/${name}`) ? files.readText(`${target}/${name}`) : undefined;
  }

  /** All volumes that the driver lists, over as many pages as it takes. */
  async listed(maxEntries?: number): Promise<readonly m.ListVolumesResponseEntry[]> {
    return this.#pages(maxEntries, async (request) => {
      const { entries, nextToken } = await this.settle(this.controller.listVolumes(request));
      return { entries, nextToken };
    });
  }

  /** All snapshots that the driver lists, over as many pages as it takes. */
  async listedSnapshots(maxEntries?: number): Promise<readonly m.Snapshot[]> {
    const entries = await this.#pages(maxEntries, async (request) => {
      const page = await this.settle(this.controller.listSnapshots(request));
      return { entries: page.entries, nextToken: page.nextToken };
    });
    return entries.flatMap(({ snapshot }) => snapshot ?? []);
  }

  async #pages<E>(
    maxEntries: number | undefined,
    ask: (request: m.ListVolumesRequest) => Promise<{ readonly entries: readonly E[] | undefined; readonly nextToken: string | undefined }>,
  ): Promise<readonly E[]> {
    const all: E[] = [];
    const size = maxEntries === undefined ? {} : { maxEntries };
    for (let token = '', pages = 0; ; pages += 1) {
      must(pages < 1000, 'the pages come to an end');
      const { entries = [], nextToken = '' } = definedOf(await ask(token ? { ...size, startingToken: token } : size));
      all.push(...entries);
      if (!nextToken) return all;
      must(nextToken !== token, 'the next token is another one');
      token = nextToken;
    }
  }

  /** Runs what must be refused with one of the codes. */
  async refused(process: Process<unknown>, codes: string | readonly string[], what: string): Promise<void> {
    const allowed = typeof codes === 'string' ? [codes] : codes;
    try {
      await this.settle(process);
    } catch (error) {
      must(allowed.includes(codeOf(error)), `${what} is refused with ${allowed.join(' or ')}, not ${codeOf(error)} (${messageOf(error)})`);
      must(messageOf(error) !== '', `${what} is refused with a message`);
      return;
    }
    must(false, `${what} is refused with ${allowed.join(' or ')}, not granted`);
  }

  /** The answer, or the code of the refusal. */
  async tried<T>(process: Process<T>): Promise<{ readonly answer: T } | { readonly code: string }> {
    try {
      return { answer: await this.settle(process) };
    } catch (error) {
      return { code: codeOf(error) };
    }
  }
}

function definedOf<E>(page: { readonly entries: readonly E[] | undefined; readonly nextToken: string | undefined }) {
  return { entries: page.entries ?? [], nextToken: page.nextToken ?? '' };
}

function contextOf({ volumeContext }: m.Volume): { readonly volumeContext?: Readonly<Record<string, string>> } {
  return volumeContext === undefined ? {} : { volumeContext };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
