import type { Container, Pod, PodSpec } from '@slipway/kube';
import { containerHash } from '../decisions/container-hash.ts';
import type { ObservedContainer, ObservedPod, ObservedSandbox } from '../decisions/observed-pod.ts';

/** A pod with one container `app`, unless the spec says otherwise. */
export function podOf(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u1', generation: 1, ...metadata },
    spec: { restartPolicy: 'Always', ...spec, containers: spec.containers ?? [containerOf('app')] },
  };
}

export function containerOf(name: string, more: Partial<Container> = {}): Container {
  return { name, image: `${name}:1`, ...more };
}

export function sidecarOf(name: string, more: Partial<Container> = {}): Container {
  return containerOf(name, { restartPolicy: 'Always', ...more });
}

/** One instance of a container; times are counted from 1 s. */
export function instanceOf(container: Container, more: Partial<ObservedContainer> = {}): ObservedContainer {
  const exited = more.state === 'exited';
  return {
    id: `${container.name}-${more.restartCount ?? 0}`,
    name: container.name,
    sandboxId: 's1',
    state: 'running',
    image: container.image ?? '',
    imageRef: `sha256:${container.image}`,
    hash: containerHash(container),
    restartCount: 0,
    createdAt: 1_000_000,
    startedAt: 1_000_000,
    finishedAt: exited ? 2_000_000 : 0,
    exitCode: 0,
    reason: exited ? ((more.exitCode ?? 0) === 0 ? 'Completed' : 'Error') : '',
    message: '',
    ...more,
  };
}

export function sandboxOf(more: Partial<ObservedSandbox> = {}): ObservedSandbox {
  return { id: 's1', attempt: 0, ready: true, createdAt: 1_000_000, hostNetwork: false, ips: ['10.244.0.5'], ...more };
}

/** What the runtime has of a pod: a ready sandbox and these containers, the newest first. */
export function observedOf(
  containers: readonly ObservedContainer[] = [],
  sandboxes: readonly ObservedSandbox[] = [sandboxOf()],
): ObservedPod {
  return { uid: 'u1', name: 'web', namespace: 'default', ips: sandboxes[0]?.ready ? ['10.244.0.5'] : [], sandboxes, containers };
}
