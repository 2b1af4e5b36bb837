import { invariant, seconds } from '@slipway/kernel';
import { definePlugin, type Plugin } from '@slipway/plugin';
import { formatReference, tryParseReference } from '@slipway/oci';
import * as z from 'zod';
import { CriError } from '../../errors.ts';
import type {} from '../../plugin.ts';
import { RuntimeCore } from '../runtime-core/core.ts';
import type { Flavour } from '../runtime-core/flavour.ts';
import { NodeImageService } from '../runtime-core/images/image-service.ts';
import { rfc3339NanoFull } from '../runtime-core/timestamps.ts';
import { CrioRuntimeService } from './crio-runtime-service.ts';
import { resolveShortName } from './short-names.ts';
import { crioWords } from './words.ts';

const options = z.strictObject({
  pauseImage: z
    .string()
    .default('registry.k8s.io/pause:3.10')
    .meta({ description: 'image of sandboxes, fetched even where none of its processes runs' }),
  dropInfraContainer: z
    .boolean()
    .default(true)
    .meta({ description: 'a sandbox has no process of its own unless its containers share a pid namespace' }),
  runtimes: z.array(z.string()).default(['crun', 'runc']).meta({ description: 'handlers that a RuntimeClass may name' }),
  cgroupManager: z.enum(['systemd', 'cgroupfs']).default('systemd').meta({ description: 'who makes cgroups' }),
  shortNameMode: z
    .enum(['enforcing', 'disabled'])
    .default('enforcing')
    .meta({ description: 'whether a short image name that could mean several images is refused' }),
  unqualifiedSearchRegistries: z
    .array(z.string())
    // As most installers configure it; CRI-O by itself has none and refuses every short name.
    .default(['docker.io'])
    .meta({ description: 'registries that are tried for a short image name, in order; none: short names are refused' }),
  pullBytesPerSecond: z.number().positive().default(100_000_000).meta({ description: 'how fast image layers come over the wire' }),
});

/** What `with:` of a scenario may set for CRI-O. */
export type CrioOptions = z.infer<typeof options>;

/** conmon cuts what it reads from a container into parts of its buffer. Source: CRI-O's conmon, src/utils.h STDIO_BUF_SIZE. */
const CONMON_BUFFER = 8192;

/** CRI-O's side of what the two runtimes do differently. Source: CRI-O v1.36, server. */
export function crioFlavour(given: CrioOptions): Flavour {
  return {
    runtimeName: 'cri-o',
    runtimeVersion: '1.36.0',
    annotations: {
      containerType: 'io.kubernetes.cri-o.ContainerType',
      containerName: 'io.kubernetes.container.name',
      sandboxId: 'io.kubernetes.cri-o.SandboxID',
      sandboxName: 'io.kubernetes.cri-o.SandboxName',
      sandboxNamespace: 'io.kubernetes.cri-o.Namespace',
      sandboxUid: 'io.kubernetes.pod.uid',
    },
    root: '/var/lib/containers/storage/overlay-containers',
    bundles: '/run/containers/storage/overlay-containers',
    imageMountpoint: '/var/lib/containers/storage/overlay-images',
    writableMountpoint: '/var/lib/containers/storage/overlay-containers',
    cgroupDriver: given.cgroupManager === 'systemd' ? 'SYSTEMD' : 'CGROUPFS',
    handlers: given.runtimes,
    pauseImage: given.pauseImage,
    alwaysPause: !given.dropInfraContainer,
    imageBeforeNetwork: true,
    ociCreateAt: 'create',
    repeatsNetworkDel: false,
    // Source: CRI-O, server/server.go restore (getSandboxIPs); ocicni, pkg/ocicni/ocicni.go checkNetwork.
    checksNetwork: true,
    // Source: CRI-O, server/sandbox_stop_linux.go.
    sandboxStopGrace: seconds(10),
    stopsCreated: true,
    guardsUsedImages: true,
    log: { maxLineLength: CONMON_BUFFER, timestamp: rfc3339NanoFull },
    words: crioWords,
    // containers/storage knows images by bare hex.
    imageId: (digest) => digest.slice(digest.indexOf(':') + 1),
    netnsPath: (suffix) =>
      `/var/run/netns/${suffix.slice(0, 8)}-${suffix.slice(8, 12)}-${suffix.slice(12, 16)}-${suffix.slice(16, 20)}-${suffix.slice(20)}`,
    sandboxName: ({ name, namespace, uid, attempt = 0 }) => `k8s_${name}_${namespace}_${uid}_${attempt}`,
    containerName: (pod, { name, attempt = 0 }) => `k8s_${name}_${pod.name}_${pod.namespace}_${pod.uid}_${attempt}`,
    cgroupPath: (parent, id) =>
      given.cgroupManager === 'systemd' ? `${parent.slice(parent.lastIndexOf('/') + 1)}:crio:${id}` : `${parent}/crio-${id}`,
    fullImageName: (name) => {
      const reference = tryParseReference(resolveShortName(name, given.shortNameMode, given.unqualifiedSearchRegistries));
      if (typeof reference === 'string') throw new CriError('UNKNOWN', `parse image name "${name}": ${reference}`);
      return formatReference(reference);
    },
    conditions: [],
  };
}

/** CRI-O: made for the kubelet and nothing else; the runtime of OpenShift. */
const crio: Plugin<'cri', CrioOptions> = definePlugin({
  interface: 'cri',
  name: 'crio',
  description: 'CRI-O 1.36: no process per sandbox, short image names are refused',
  options,
  // The time of a call beyond what it spends in CNI, the OCI runtime and the registry: gRPC, storage, conmon.
  latency: {
    runPodSandbox: '30ms..90ms',
    createContainer: '30ms..80ms',
    startContainer: '5ms..15ms',
    removePodSandbox: '10ms..30ms',
    removeContainer: '10ms..30ms',
    '*': '1ms..3ms',
  },
  create({ options: given, host, random, cni, oci }) {
    invariant(host, 'CRI-O is made once per node');
    const core = new RuntimeCore({
      host,
      flavour: crioFlavour(given),
      oci: oci.runtime,
      registry: oci.registry,
      cni: () => cni,
      random,
      pullBytesPerSecond: given.pullBytesPerSecond,
    });
    return { runtime: new CrioRuntimeService(core), image: new NodeImageService(core), changed: core.changed };
  },
});

export default crio;
