import { type Kind, type KubeObject, type OwnerReference, qualifiedResource, type Stored } from '@slipway/kube';
import type { ApiServer } from '../../apiserver/index.ts';

/** What became of somebody whom an object names as its owner. `unknown`: of a kind that nobody serves. */
export type OwnerState = 'there' | 'waiting' | 'gone' | 'unknown';

/** Looks owners up by name and uid, as somebody has to who would collect what they left. */
export class Owners {
  readonly #server: ApiServer;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** `waiting`: it is being deleted, and waits for its dependents to go first. */
  stateOf({ apiVersion, kind, name, uid }: OwnerReference, dependent: KubeObject): OwnerState {
    const served = this.#kindOf(apiVersion, kind);
    if (!served) return 'unknown';
    const { namespace } = dependent.metadata;
    // Nobody looks for the owner of an object of the cluster in a namespace.
    if (served.namespaced && namespace === undefined) return 'unknown';
    const owner = this.#server.peek(this.#resourceOf(served), served.namespaced ? namespace : undefined, name);
    if (owner?.metadata.uid !== uid) return 'gone';
    return isWaiting(owner) ? 'waiting' : 'there';
  }

  /** By group and kind: versions come and go. */
  #kindOf(apiVersion: string, kind: string): Kind | undefined {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    return this.#server.kinds().find((each) => each.kind === kind && each.group === group);
  }

  #resourceOf(kind: Kind): string {
    const isAlone = this.#server.kinds().every((other) => other === kind || other.plural !== kind.plural);
    return isAlone ? kind.plural : qualifiedResource(kind);
  }
}

function isWaiting({ metadata }: Stored<KubeObject>): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes('foregroundDeletion');
}
