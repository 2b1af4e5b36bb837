import type { Node, Pod } from '@slipway/kube';
import { uidOf } from '../cache/pod-info.ts';

// What queueing hints ask of the objects of an event; the queue hands them over untyped, since plugins may register any resource.

/** The event is about the waiting pod itself. */
export const isOwnUpdate = (pod: Pod, updated: unknown): boolean => updated !== undefined && uidOf(updated as Pod) === uidOf(pod);

export const asPod = (object: unknown): Pod | undefined => object as Pod | undefined;
export const asNode = (object: unknown): Node | undefined => object as Node | undefined;

/** Neither placed nor holding a nomination: takes nothing from any node. */
export const isUnplaced = (pod: Pod): boolean => (pod.spec.nodeName ?? '') === '' && (pod.status?.nominatedNodeName ?? '') === '';
