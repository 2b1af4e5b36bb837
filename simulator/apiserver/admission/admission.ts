import type { Process, Random } from '@slipway/kernel';
import type { Kind, KindMap, KubeObject, PodSpec, ResourceName, Stored, Time } from '@slipway/kube';

/** What is about to be written. */
export interface AdmissionRequest {
  readonly operation: 'create' | 'update' | 'delete';
  readonly kind: Kind;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly object: KubeObject;
  /** Missing for a create. */
  readonly old: Stored<KubeObject> | undefined;
}

/** The cluster as admission sees it. */
export interface AdmissionView {
  get<P extends ResourceName>(plural: P, namespace: string | undefined, name: string): Stored<KindMap[P]> | undefined;
  list<P extends ResourceName>(plural: P, namespace?: string): Iterable<Stored<KindMap[P]>>;
  /** Grows with each write of the resource. */
  version(plural: ResourceName): number;
  readonly random: Random;
  timestamp(): Time;
}

/** Changes or refuses a write. */
export interface AdmissionPlugin {
  /** Upstream's name. */
  readonly name: string;
  /** Plurals it looks at; left out: all. */
  readonly resources?: readonly string[];
  readonly operations: readonly AdmissionRequest['operation'][];
  /** Gives back the object, changed or not. @throws ApiError to refuse. */
  admit(request: AdmissionRequest, view: AdmissionView): KubeObject;
}

/** Where a pod whose spec is looked at will be. */
export interface PodSpecRequest {
  readonly namespace: string;
  /** For messages: the pods of a template share one outcome, and so one name. */
  readonly name: string;
}

/**
 * Fills in a pod's spec when the pod is created. It may depend on the spec, the namespace and the resources that it reads, and on
 * nothing else of the pod: the outcome is kept and shared by all pods that come with the very same spec, as those of one template do.
 */
export interface PodSpecPlugin {
  readonly name: string;
  readonly reads: readonly ResourceName[];
  admitSpec(spec: PodSpec, request: PodSpecRequest, view: AdmissionView): PodSpec;
}

/** Called after all plug-ins, as MutatingAdmissionWebhook does: a mesh injects its proxy here. May take virtual time. */
export interface MutatingWebhook {
  readonly name: string;
  matches(request: AdmissionRequest): boolean;
  admit(request: AdmissionRequest): KubeObject | Process<KubeObject>;
}
