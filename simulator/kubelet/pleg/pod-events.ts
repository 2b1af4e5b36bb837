import type { Container, PodSandbox } from '@slipway/cri';

/** A container or sandbox as far as the PLEG tells states apart. */
export type LifecycleState = 'running' | 'exited' | 'unknown';

/** Something happened to a pod. `PodSync`: it was looked at again after a failure. */
export type PodLifecycleEvent =
  | {
      readonly type: 'ContainerStarted' | 'ContainerDied' | 'ContainerRemoved' | 'ContainerChanged';
      readonly uid: string;
      readonly id: string;
    }
  | { readonly type: 'PodSync'; readonly uid: string };

/** A pod's sandboxes and containers by id, with their states. */
export type LifecycleStates = ReadonlyMap<string, LifecycleState>;

const ofContainer = {
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_CREATED: 'unknown',
  CONTAINER_UNKNOWN: 'unknown',
} as const;

export const containerState = ({ state }: Pick<Container, 'state'>): LifecycleState => ofContainer[state];
/** Sandboxes take part like containers. */
export const sandboxState = ({ state }: Pick<PodSandbox, 'state'>): LifecycleState => (state === 'SANDBOX_READY' ? 'running' : 'exited');

/** What happened between two lists of one pod. Source: `pkg/kubelet/pleg/generic.go` generateEvents. */
export function podEvents(uid: string, before: LifecycleStates, after: LifecycleStates): readonly PodLifecycleEvent[] {
  const events: PodLifecycleEvent[] = [];
  for (const [id, old] of before) {
    if (after.has(id)) continue;
    // Its death was told already.
    if (old !== 'exited') events.push({ type: 'ContainerDied', uid, id });
    events.push({ type: 'ContainerRemoved', uid, id });
  }
  for (const [id, state] of after) {
    if (before.get(id) === state) continue;
    events.push({ type: state === 'running' ? 'ContainerStarted' : state === 'exited' ? 'ContainerDied' : 'ContainerChanged', uid, id });
  }
  return events;
}
