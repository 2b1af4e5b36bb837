import type { Client, Process, Random } from '@slipway/kernel';
import type { KubeObject, ObjectMeta } from '@slipway/kube';
import type { Mesh } from '../contract.ts';

/** What a mesh may do for its cluster. */
export type MeshCapability = 'identity' | 'split' | 'access' | 'metrics';

/** A fresh mesh in a fresh world, and a way to put resources into it. */
export interface MeshSubject {
  /** Over a link, so that answers are checked against the spec. */
  readonly mesh: Client<Mesh>;
  /**
   * Makes the object, or replaces the one of its name, and comes back once the mesh may be expected to know. SMI's kinds come in their
   * newest version, Services and Namespaces as they are.
   *
   * @throws an error with the code NotFound or MethodNotAllowed for a kind that is not served here, Invalid for what the server refuses
   */
  put(object: KubeObject): Promise<void>;
  /** Takes an object away, and comes back once the mesh may be expected to know. */
  remove(object: KubeObject): Promise<void>;
  /** Runs a process to its end; virtual time may pass. */
  settle<T>(process: Process<T>): Promise<T>;
  /** For generated cases. */
  readonly random: Random;
  /** What brings a pod into the mesh: labels and annotations of the pod. Left out: those of `wellKnownOptIn`. */
  readonly optIn?: Pick<ObjectMeta, 'labels' | 'annotations'>;
  /**
   * What the mesh, configured as it is here, can do. `true`: cases demand it; `false`: they are skipped; left out: cases find out, and
   * are skipped if it seems that it cannot. `access` means that what nothing allows is denied.
   */
  readonly can?: { readonly [C in MeshCapability]?: boolean };
  /** How a client's requests are shared out: `exact` within one of each share's due; left out: at random. */
  readonly balance?: 'exact' | 'random';
}

/** What the meshes of life look for on a pod, all at once: each ignores what is not its own. */
export const wellKnownOptIn: Pick<ObjectMeta, 'labels' | 'annotations'> = {
  labels: { 'sidecar.istio.io/inject': 'true', 'kuma.io/sidecar-injection': 'enabled' },
  annotations: {
    'linkerd.io/inject': 'enabled',
    'openservicemesh.io/sidecar-injection': 'enabled',
    'consul.hashicorp.com/connect-inject': 'true',
  },
};
