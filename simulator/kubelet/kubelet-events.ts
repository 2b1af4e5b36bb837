import { type ApiClient, EventRecorder } from '@slipway/client';
import type { Owner } from '@slipway/kernel';
import type { KubeObject, ObjectReference, Pod } from '@slipway/kube';
import { fieldPathOf } from './decisions/containers.ts';

type EventType = 'Normal' | 'Warning';

/** The kubelet's reports about its pods, their containers and the node itself. */
export class KubeletEvents {
  readonly #api: ApiClient;
  readonly #owner: Owner;
  readonly #node: string;
  #recorder: EventRecorder | undefined;

  constructor(api: ApiClient, owner: Owner, node: string) {
    this.#api = api;
    this.#owner = owner;
    this.#node = node;
  }

  pod(pod: Pod, type: EventType, reason: string, message: string): void {
    this.#report(referenceTo(pod), type, reason, message);
  }

  container(pod: Pod, container: string, type: EventType, reason: string, message: string): void {
    this.#report({ ...referenceTo(pod), fieldPath: fieldPathOf(pod, container) }, type, reason, message);
  }

  /** About something that is no pod: a claim. */
  object(object: KubeObject, type: EventType, reason: string, message: string): void {
    this.#report(object, type, reason, message);
  }

  /** Upstream names the node by its name where a uid should be. Source: `pkg/kubelet/kubelet.go` nodeRef. */
  node(type: EventType, reason: string, message: string): void {
    this.#report({ kind: 'Node', apiVersion: 'v1', name: this.#node, uid: this.#node }, type, reason, message);
  }

  #report(object: KubeObject | ObjectReference, type: EventType, reason: string, message: string): void {
    this.#recorder ??= new EventRecorder({ api: this.#api, owner: this.#owner, component: 'kubelet', host: this.#node });
    this.#recorder.report(object, type, reason, message);
  }
}

function referenceTo({ metadata }: Pod): ObjectReference {
  const { name, namespace = 'default', uid, resourceVersion } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace,
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
}
