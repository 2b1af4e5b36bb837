import { invariant } from '@slipway/kernel';
import type { CgroupDriver } from '../../messages/index.ts';
import { definePlugin, type Plugin } from '@slipway/plugin';
import { formatReference, parseReference } from '@slipway/oci';
import * as z from 'zod';
import { CriError } from '../../errors.ts';
import type {} from '../../plugin.ts';
import { RuntimeCore } from '../runtime-core/core.ts';
import type { Flavour } from '../runtime-core/flavour.ts';
import { NodeImageService } from '../runtime-core/images/image-service.ts';
import { NodeRuntimeService } from '../runtime-core/runtime-service.ts';
import { rfc3339NanoTrimmed } from '../runtime-core/timestamps.ts';
import { containerdWords } from './words.ts';

const options = z.strictObject({
  sandboxImage: z.string().default('registry.k8s.io/pause:3.10').meta({ description: 'image of the process that every sandbox has' }),
  runtimes: z.array(z.string()).default(['runc']).meta({ description: 'handlers that a RuntimeClass may name' }),
  systemdCgroup: z
    .boolean()
    .default(true)
    .meta({ description: 'cgroups are made by systemd; containerd itself has false, installers of Kubernetes set true' }),
  maxContainerLogLineSize: z.int().positive().default(16_384).meta({ description: 'longer lines are cut into parts' }),
  pullBytesPerSecond: z.number().positive().default(100_000_000).meta({ description: 'how fast image layers come over the wire' }),
});

/** What `with:` of a scenario may set for containerd. */
export type ContainerdOptions = z.infer<typeof options>;

/** containerd's side of what the two runtimes do differently. Source: containerd v2, internal/cri. */
export function containerdFlavour({ sandboxImage, runtimes, systemdCgroup, maxContainerLogLineSize }: ContainerdOptions): Flavour {
  const cgroupDriver: CgroupDriver = systemdCgroup ? 'SYSTEMD' : 'CGROUPFS';
  return {
    runtimeName: 'containerd',
    runtimeVersion: 'v2.2.0',
    annotations: {
      containerType: 'io.kubernetes.cri.container-type',
      containerName: 'io.kubernetes.cri.container-name',
      sandboxId: 'io.kubernetes.cri.sandbox-id',
      sandboxName: 'io.kubernetes.cri.sandbox-name',
      sandboxNamespace: 'io.kubernetes.cri.sandbox-namespace',
      sandboxUid: 'io.kubernetes.cri.sandbox-uid',
    },
    root: '/var/lib/containerd/io.containerd.grpc.v1.cri',
    bundles: '/run/containerd/io.containerd.runtime.v2.task/k8s.io',
    imageMountpoint: '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs',
    writableMountpoint: '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs',
    cgroupDriver,
    handlers: runtimes,
    pauseImage: sandboxImage,
    alwaysPause: true,
    imageBeforeNetwork: false,
    ociCreateAt: 'start',
    checksNetwork: false,
    repeatsNetworkDel: true,
    sandboxStopGrace: 0,
    stopsCreated: false,
    guardsUsedImages: false,
    log: { maxLineLength: maxContainerLogLineSize, timestamp: rfc3339NanoTrimmed },
    words: containerdWords,
    imageId: (digest) => digest,
    // Source: go-cni / containerd pkg/netns: `cni-` and a UUID.
    netnsPath: (suffix) => `/var/run/netns/cni-${uuid(suffix)}`,
    sandboxName: ({ name, namespace, uid, attempt = 0 }) => `${name}_${namespace}_${uid}_${attempt}`,
    containerName: (pod, { name, attempt = 0 }) => `${name}_${pod.name}_${pod.namespace}_${pod.uid}_${attempt}`,
    cgroupPath: (parent, id) => (systemdCgroup ? `${parent.slice(parent.lastIndexOf('/') + 1)}:cri-containerd:${id}` : `${parent}/${id}`),
    fullImageName: (name) => {
      try {
        return formatReference(parseReference(name));
      } catch {
        throw new CriError('INVALID_ARGUMENT', `failed to parse image reference "${name}": invalid reference format`);
      }
    },
    conditions: [{ type: 'ContainerdHasNoDeprecationWarnings', status: true }],
  };
}

/** 32 hex digits in the form of a UUID. */
const uuid = (hex: string): string => `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

/** containerd 2: the runtime of most clusters. */
const containerd: Plugin<'cri', ContainerdOptions> = definePlugin({
  interface: 'cri',
  name: 'containerd',
  description: 'containerd 2: a process per sandbox, short image names mean Docker Hub',
  options,
  // The time of a call beyond what it spends in CNI, the OCI runtime and the registry: gRPC, database, snapshots.
  latency: {
    runPodSandbox: '20ms..60ms',
    createContainer: '20ms..50ms',
    startContainer: '10ms..30ms',
    removePodSandbox: '5ms..15ms',
    removeContainer: '5ms..15ms',
    '*': '1ms..3ms',
  },
  create({ options: given, host, random, cni, oci }) {
    invariant(host, 'containerd is made once per node');
    const core = new RuntimeCore({
      host,
      flavour: containerdFlavour(given),
      oci: oci.runtime,
      registry: oci.registry,
      cni: () => cni,
      random,
      pullBytesPerSecond: given.pullBytesPerSecond,
    });
    return { runtime: new NodeRuntimeService(core), image: new NodeImageService(core), changed: core.changed };
  },
});

export default containerd;
