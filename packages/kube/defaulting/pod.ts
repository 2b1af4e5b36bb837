import { formatResourceAmount } from '../quantity.ts';
import { podRequests } from '../pod-resources.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec, ResourceList, Volume, VolumeProjection } from '../types/index.ts';
import { defaultContainer, defaultPullPolicy } from './container.ts';
import { change, each, fill, put } from './sharing.ts';

// Source: `pkg/apis/core/v1/defaults.go`.

/** Defaults that pods and templates share. */
export function defaultPodSpec(spec: PodSpec): PodSpec {
  let result = fill<PodSpec>(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
  });
  // `serviceAccount` is the old name of the field; conversion reads it where the new one is absent.
  if (result.serviceAccount !== undefined && (result.serviceAccountName ?? '') === '') {
    result = put(result, 'serviceAccountName', result.serviceAccount);
  }
  result = put(result, 'containers', each(result.containers, defaultContainer));
  result = change(result, 'initContainers', (list) => each(list, defaultContainer));
  result = change(result, 'ephemeralContainers', (list) => each(list, defaultContainer));
  return change(result, 'volumes', (list) => each(list, defaultVolume));
}

/** Defaults of a template. */
export function defaultPodTemplate(template: PodTemplateSpec): PodTemplateSpec {
  return put(template, 'spec', defaultPodSpec(template.spec));
}

/** Defaults of a Pod object: those of its spec, and some that templates do not get. */
export function defaultPod(pod: Pod): Pod {
  let spec = defaultPodSpec(pod.spec);
  spec = fill<PodSpec>(spec, { enableServiceLinks: true });
  const own = (container: Container): Container => defaultRequests(spec.hostNetwork === true ? defaultHostPorts(container) : container);
  spec = put(spec, 'containers', each(spec.containers, own));
  spec = change(spec, 'initContainers', (list) => each(list, own));
  spec = defaultPodLevelRequests(spec);
  const result = put(pod, 'spec', spec);
  return put(result, 'status', fill(result.status ?? {}, { phase: 'Pending' }));
}

/** A limit without a request is the request too. */
function defaultRequests(container: Container): Container {
  const { limits, requests } = container.resources ?? {};
  if (limits === undefined) return container;
  const filled = fill<ResourceList>(requests ?? {}, limits);
  return filled === requests ? container : { ...container, resources: { ...container.resources, requests: filled } };
}

/** On the host's network a container's port is the node's port. */
function defaultHostPorts(container: Container): Container {
  return change(container, 'ports', (ports) =>
    each(ports, (port) => ((port.hostPort ?? 0) === 0 ? { ...port, hostPort: port.containerPort } : port)),
  );
}

/** Pod-level requests default to what the containers ask for in sum, else to the pod-level limits. */
function defaultPodLevelRequests(spec: PodSpec): PodSpec {
  const { resources } = spec;
  if (resources === undefined || (resources.limits === undefined && resources.requests === undefined)) return spec;
  const ofContainers = podRequests({ spec: { containers: spec.containers, initContainers: spec.initContainers ?? [] } });
  const wanted: Record<string, string> = {};
  for (const resource of ['cpu', 'memory']) {
    const amount = ofContainers[resource];
    const limit = resources.limits?.[resource];
    if (amount !== undefined) wanted[resource] = formatResourceAmount(resource, amount);
    else if (limit !== undefined) wanted[resource] = limit;
  }
  for (const [resource, limit] of Object.entries(resources.limits ?? {})) {
    if (resource.startsWith('hugepages-')) wanted[resource] = limit;
  }
  const requests = fill<ResourceList>(resources.requests ?? {}, wanted);
  return requests === resources.requests ? spec : { ...spec, resources: { ...resources, requests } };
}

const fileMode = 0o644;

function defaultVolume(volume: Volume): Volume {
  // A volume that names no source is an empty folder.
  if (Object.keys(volume).length === 1) return { ...volume, emptyDir: {} };
  let result = change(volume, 'secret', (source) => fill(source, { defaultMode: fileMode }));
  result = change(result, 'configMap', (source) => fill(source, { defaultMode: fileMode }));
  result = change(result, 'downwardAPI', (source) => fill(source, { defaultMode: fileMode }));
  result = change(result, 'hostPath', (source) => fill(source, { type: '' }));
  result = change(result, 'image', (source) => fill(source, { pullPolicy: defaultPullPolicy(source.reference ?? '') }));
  result = change(result, 'ephemeral', (source) =>
    change(source, 'volumeClaimTemplate', (template) => change(template, 'spec', (spec) => fill(spec, { volumeMode: 'Filesystem' }))),
  );
  return change(result, 'projected', (source) =>
    change(fill(source, { defaultMode: fileMode }), 'sources', (sources) => each(sources, defaultProjection)),
  );
}

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  return change(projection, 'serviceAccountToken', (token) => fill(token, { expirationSeconds: 3600 }));
}
