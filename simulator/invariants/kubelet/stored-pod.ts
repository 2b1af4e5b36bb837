import type { Container, Pod } from '@slipway/kube';
import type { ObservedPod } from '../facts/index.ts';
import type { Watched } from '../invariant.ts';

/** The pod's object, if the store has it and not another one of its name. */
export function storedPod({ server }: Watched, { uid, namespace, name }: Pick<ObservedPod, 'uid' | 'namespace' | 'name'>): Pod | undefined {
  const pod = server.peek('pods', namespace, name);
  return pod?.metadata.uid === uid ? (pod as Pod) : undefined;
}

/** A container of a pod, and what sort it is. */
export interface ContainerOfPod {
  readonly container: Container;
  readonly sort: 'app' | 'init' | 'sidecar' | 'ephemeral';
}

/** Undefined when the pod has no container of this name. */
export function containerOf({ spec }: Pod, name: string): ContainerOfPod | undefined {
  const named = (container: Container): boolean => container.name === name;
  const app = spec.containers.find(named);
  if (app) return { container: app, sort: 'app' };
  const init = spec.initContainers?.find(named);
  if (init) return { container: init, sort: init.restartPolicy === 'Always' ? 'sidecar' : 'init' };
  const ephemeral = spec.ephemeralContainers?.find(named);
  return ephemeral && { container: ephemeral, sort: 'ephemeral' };
}
