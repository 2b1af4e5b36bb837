import { type CsiNode, csiNode } from '@slipway/csi';
import { Disk } from '@slipway/host';
import {
  type Client,
  codeOf,
  type KernelOptions,
  link,
  type Link,
  linkOf,
  type Owner,
  type Process,
  seconds,
  sleep,
} from '@slipway/kernel';
import type { CSIDriverSpec, PersistentVolume, PersistentVolumeClaimSpec, PodSpec, Volume } from '@slipway/kube';
import { attachmentName } from '../volumes/csi/names.ts';
import { claimNameOf } from '../volumes/volume-spec.ts';
import { type FakeCsiOptions, FakeCsiNode } from './fake-csi-node.ts';
import { KubeletWorld } from './world.ts';

export const driverName = 'disk.test';
export const volumeName = (handle: string): string => `kubernetes.io/csi/${driverName}^${handle}`;

/** A volume with its claim, as a test wants it. */
export interface WantedVolume {
  readonly handle?: string;
  readonly claim?: Partial<PersistentVolumeClaimSpec>;
  readonly volume?: Partial<PersistentVolume['spec']>;
  /** Instead of a CSI volume. */
  readonly source?: Partial<PersistentVolume['spec']>;
  readonly size?: string;
}

/** A node with a CSI driver, and a controller that attaches what the node says is in use. */
export class StorageWorld extends KubeletWorld {
  readonly disks = new Map<string, Disk>();
  csi: FakeCsiNode;
  driver: Client<CsiNode>;
  /** The attach-detach controller at work; ends with `stopAttaching`. */
  readonly #controller: Owner;
  readonly #csiOptions: FakeCsiOptions;

  constructor(csiOptions: FakeCsiOptions = {}, kernelOptions: KernelOptions = {}) {
    super({}, kernelOptions);
    this.#csiOptions = csiOptions;
    this.csi = new FakeCsiNode(this.host, csiOptions);
    this.driver = this.#connectDriver();
    this.#controller = this.kernel.owner('attach-detach controller');
    this.#controller.spawn('attach and detach', this.#attachAndDetach());
    this.run(2);
  }

  /** The link between kubelet and driver, for faults. */
  get csiLink(): Link {
    const found = linkOf(this.driver);
    if (!found) throw new Error('the driver is not behind a link');
    return found as Link;
  }

  /** Nothing is attached or detached any more. */
  stopAttaching(): void {
    this.#controller.kill();
  }

  register(): void {
    this.complete(this.kubelet.csiDrivers.register({ name: driverName, node: this.driver }));
  }

  /** Ends the kubelet and starts another one; the driver makes itself known again. */
  override restartKubelet(): void {
    super.restartKubelet();
    this.csi.mayOverlap = true;
    this.driver = this.#connectDriver();
    this.kubeletOwner.spawn('registrar', this.kubelet.csiDrivers.register({ name: driverName, node: this.driver }));
  }

  /** Power goes and comes back: mounts and processes are lost, the runtime has forgotten everything, the disk has not. */
  losePower(): void {
    this.host.powerOff();
    this.host.powerOn();
    this.runtime.forgetEverything();
    const { calls } = this.csi;
    this.csi = new FakeCsiNode(this.host, this.#csiOptions);
    this.csi.calls.push(...calls);
    this.restartKubelet();
  }

  /** Makes the CSIDriver object. */
  describeDriver(spec: CSIDriverSpec): void {
    this.complete(this.api.csidrivers.create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: driverName }, spec }));
  }

  /** Makes a claim `name`, bound to a volume `pv-<name>` whose disk exists. */
  provide(name: string, wanted: WantedVolume = {}): void {
    const { handle = `vol-${name}`, size = '1Gi' } = wanted;
    this.disks.set(handle, new Disk({ blank: true }));
    const accessModes = wanted.volume?.accessModes ?? ['ReadWriteOnce'];
    const capacity = { storage: size };
    const made = this.complete(
      this.api.persistentvolumeclaims.create({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace: 'default' },
        spec: { accessModes, resources: { requests: capacity }, volumeName: `pv-${name}`, storageClassName: '', ...wanted.claim },
      }),
    );
    this.complete(
      this.api.persistentvolumeclaims.patch({
        namespace: 'default',
        name,
        subresource: 'status',
        patch: { status: { phase: 'Bound', accessModes, capacity } },
      }),
    );
    this.complete(
      this.api.persistentvolumes.create({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: `pv-${name}` },
        spec: {
          accessModes,
          capacity,
          ...(wanted.source ?? { csi: { driver: driverName, volumeHandle: handle, fsType: 'ext4' } }),
          claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name, ...(made.metadata.uid ? { uid: made.metadata.uid } : {}) },
          ...wanted.volume,
        },
      }),
    );
  }

  /** A pod whose container `app` mounts this volume at `/data`. */
  createWith(name: string, volume: Omit<Volume, 'name'>, spec: Partial<PodSpec> = {}): void {
    this.create(name, {
      volumes: [{ name: 'data', ...volume }],
      containers: [{ name: 'app', image: 'app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      ...spec,
    });
  }

  /** A pod that uses a claim. */
  createClaiming(name: string, claimName: string, spec: Partial<PodSpec> = {}): void {
    this.createWith(name, { persistentVolumeClaim: { claimName } }, spec);
  }

  phase(name: string): string | undefined {
    return this.pod(name)?.status?.phase;
  }

  /** Where the pod's container finds its first mount on the node. */
  hostPathOf(name: string): string {
    return this.runtime.mountsOf(name).find(({ containerPath }) => containerPath === '/data')?.hostPath ?? '';
  }

  node() {
    return this.complete(this.api.nodes.get({ name: 'node-1' }));
  }

  /** Mounts that lie where the kubelet keeps volumes. */
  volumeMounts(): readonly string[] {
    return this.host.mounts.below('/var/lib/kubelet').map(({ target }) => target);
  }

  #connectDriver(): Client<CsiNode> {
    const { csi } = this;
    return link(csi, { service: csiNode, from: this.kubeletOwner, to: this.host.owner.child('csi/disk') });
  }

  /** What upstream's controller does, by its rules, once a second. */
  *#attachAndDetach(): Process {
    for (;;) {
      yield* sleep(seconds(1));
      try {
        yield* this.#attachOnce();
      } catch (error) {
        if (codeOf(error) === 'UNKNOWN') throw error;
      }
    }
  }

  *#attachOnce(): Process {
    const { status } = yield* this.api.nodes.get({ name: 'node-1' });
    const { items: pods } = yield* this.api.pods.list({});
    const claims = new Set(
      pods.flatMap((pod) => {
        const { phase } = pod.status ?? {};
        return phase === 'Succeeded' || phase === 'Failed' ? [] : (pod.spec.volumes ?? []).flatMap((each) => claimNameOf(pod, each) ?? []);
      }),
    );
    const wanted = [...claims].flatMap((claim) => this.#handles.get(claim) ?? []);
    const inUse = new Set(status?.volumesInUse);
    const attached = new Set((status?.volumesAttached ?? []).map(({ name }) => name));
    for (const handle of wanted) {
      if (attached.has(volumeName(handle))) continue;
      yield* this.#attach(handle);
      attached.add(volumeName(handle));
    }
    for (const name of [...attached]) {
      const handle = name.slice(volumeName('').length);
      if (wanted.includes(handle) || inUse.has(name)) continue;
      attached.delete(name);
      yield* this.api.volumeattachments.delete({ name: attachmentName(handle, driverName, 'node-1') });
      this.host.devices.delete(`/dev/${handle}`);
    }
    const list = [...attached].sort().map((name) => ({ name, devicePath: '' }));
    const before = (status?.volumesAttached ?? []).map(({ name }) => name).join(' ');
    if (list.map(({ name }) => name).join(' ') === before) return;
    yield* this.api.nodes.patch({ name: 'node-1', subresource: 'status', patch: { status: { volumesAttached: list } } });
  }

  get #handles(): ReadonlyMap<string, string> {
    return new Map([...this.disks.keys()].map((handle) => [handle.replace(/^vol-/, ''), handle]));
  }

  *#attach(handle: string): Process {
    const disk = this.disks.get(handle);
    if (disk) this.host.devices.set(`/dev/${handle}`, disk);
    const name = attachmentName(handle, driverName, 'node-1');
    const spec = { attacher: driverName, nodeName: 'node-1', source: { persistentVolumeName: `pv-${handle}` } };
    yield* this.api.volumeattachments.create({ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name }, spec });
    const status = { attached: true, attachmentMetadata: { devicePath: `/dev/${handle}` } };
    yield* this.api.volumeattachments.patch({ name, patch: { status }, subresource: 'status' });
  }
}
