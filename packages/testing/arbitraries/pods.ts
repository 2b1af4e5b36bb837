import fc from 'fast-check';
import type { Container, ObjectMeta, Pod, PodSpec, PodTemplateSpec, Volume } from '@slipway/kube';
import { arbitraryContainer } from './containers.ts';
import { arbitraryAnnotations, arbitraryLabelName, arbitraryLabels, arbitrarySubdomainName } from './names.ts';
import { objectOf } from './object-of.ts';
import { arbitraryAffinity, arbitrarySpread, arbitraryToleration } from './placement.ts';
import { arbitraryBytes, type ResourceBounds } from './quantities.ts';

export interface PodOptions {
  /** Left out: any for pods, `Always` for templates of what runs for ever. */
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  /** Whether the pod may ask for certain nodes: selector, affinity, spreading, tolerations. Left out: true. */
  readonly placement?: boolean;
  /** Left out: `default`. */
  readonly namespace?: string;
  /** Bounds of each container. */
  readonly resources?: ResourceBounds;
}

/** A volume that needs no other object. */
export function arbitraryVolume(): fc.Arbitrary<Volume> {
  const name = arbitraryLabelName(20);
  return fc.oneof(
    objectOf({ name, emptyDir: objectOf({}, { medium: fc.constantFrom('', 'Memory'), sizeLimit: arbitraryBytes() }) }, {}),
    objectOf({ name, hostPath: objectOf({ path: arbitraryLabelName(12).map((text) => `/srv/${text}`) }, {}) }, {}),
  );
}

/** Containers draw their mounts from these; the pod's own volumes take their place, which is many times faster than to chain. */
const PLACES: readonly string[] = ['0', '1'];

/** What a pod should be: one to three containers, init containers and sidecars, volumes, and wishes about its place. */
export function arbitraryPodSpec({ restartPolicy, placement = true, resources = {} }: PodOptions = {}): fc.Arbitrary<PodSpec> {
  const volumes = fc.uniqueArray(arbitraryVolume(), { selector: ({ name }) => name, maxLength: PLACES.length });
  const parts = { volumes: PLACES, resources };
  const early = fc.oneof(arbitraryContainer({ ...parts, role: 'init' }), arbitraryContainer({ ...parts, role: 'sidecar' }));
  const place = {
    nodeSelector: arbitraryLabels(),
    tolerations: fc.array(arbitraryToleration(), { maxLength: 3 }),
    affinity: arbitraryAffinity(),
    topologySpreadConstraints: arbitrarySpread(),
  };
  const spec = objectOf(
    {
      containers: fc.array(arbitraryContainer({ ...parts, role: 'main' }), { minLength: 1, maxLength: 3 }),
      ...(restartPolicy === undefined ? {} : { restartPolicy: fc.constant(restartPolicy) }),
    },
    {
      initContainers: fc.array(early, { maxLength: 2 }),
      ...(restartPolicy === undefined ? { restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never') } : {}),
      terminationGracePeriodSeconds: fc.integer({ min: 0, max: 60 }),
      hostNetwork: fc.constantFrom(false, false, true),
      hostname: arbitraryLabelName(20),
      securityContext: objectOf({}, { runAsUser: fc.nat({ max: 65535 }), fsGroup: fc.nat({ max: 65535 }) }),
      ...(placement ? place : {}),
    },
  ) as fc.Arbitrary<PodSpec>;
  return fc.tuple(spec, volumes).map(([drawn, list]) => settled(drawn, list));
}

/** Names of containers, and ports, are each there once in a pod: later ones give way. Mounts name the pod's volumes. */
function settled(spec: PodSpec, volumes: readonly Volume[]): PodSpec {
  const names = new Set<string>();
  const ports = new Set<number>();
  const settle = (container: Container): Container => {
    let { name } = container;
    for (let count = 2; names.has(name); count += 1) name = `${container.name}-${count}`;
    names.add(name);
    const free = container.ports?.filter(({ containerPort }) => !ports.has(containerPort));
    for (const { containerPort } of free ?? []) ports.add(containerPort);
    const mounts = container.volumeMounts?.flatMap((mount) => {
      const volume = volumes[Number(mount.name)];
      return volume === undefined ? [] : [{ ...mount, name: volume.name }];
    });
    return {
      ...container,
      name,
      ...(free === undefined ? {} : { ports: free }),
      ...(mounts === undefined ? {} : { volumeMounts: mounts }),
    };
  };
  const containers = spec.containers.map(settle);
  return {
    ...spec,
    ...(volumes.length === 0 ? {} : { volumes }),
    containers,
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(settle) }),
  };
}

/** Metadata of a new object. @param namespace left out for cluster-scoped kinds */
export function arbitraryMeta(name: fc.Arbitrary<string>, namespace?: string): fc.Arbitrary<ObjectMeta> {
  const required = { name, ...(namespace === undefined ? {} : { namespace: fc.constant(namespace) }) };
  return objectOf(required, { labels: arbitraryLabels(), annotations: arbitraryAnnotations() });
}

/** A pod that the API server accepts. */
export function arbitraryPod(options: PodOptions = {}): fc.Arbitrary<Pod> {
  const metadata = arbitraryMeta(arbitrarySubdomainName(), options.namespace ?? 'default');
  return fc.record({ metadata, spec: arbitraryPodSpec(options) }).map(({ metadata: meta, spec }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta,
    spec,
  }));
}

/** The template of a workload that runs for ever, with these labels. */
export function arbitraryPodTemplate(labels: Readonly<Record<string, string>>, options: PodOptions = {}): fc.Arbitrary<PodTemplateSpec> {
  const spec = arbitraryPodSpec({ restartPolicy: 'Always', ...options });
  return fc.tuple(spec, arbitraryAnnotations()).map(([drawn, annotations]) => ({ metadata: { labels, annotations }, spec: drawn }));
}
