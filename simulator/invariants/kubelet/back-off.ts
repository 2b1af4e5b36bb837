import { formatDuration, type Micros, minutes, seconds } from '@slipway/kernel';
import type { ObservedContainer } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

// Source: `pkg/kubelet/kubelet.go` initialNodeStatus… containerBackOffPeriod, MaxCrashLoopBackOff; `client-go/util/flowcontrol/backoff.go`.
const FIRST: Micros = seconds(10);
const LONGEST: Micros = minutes(5);
/** Who has run for so long starts afresh. */
const FORGOTTEN: Micros = minutes(10);
/** Clocks of runtimes count in whole moments of their own. */
const SLACK: Micros = seconds(1);

interface Pause {
  readonly container: ObservedContainer;
  readonly delay: Micros;
  /** When the container was started. */
  readonly at: Micros;
  /** How often the kubelet had been ended by then. */
  readonly kubelet: number;
}

/**
 * Judged from start to start in one sandbox, which is longer than from end to start: the first start after an end is free, the next ones
 * wait for 10 s, 20 s and so on. Void across a restart of the kubelet, which forgets, and for containers that were changed.
 */
export const backOff: Invariant = {
  id: 'KUB-14',
  name: 'back-off',
  kind: 'S',
  holds: 'starts of a crashing container are spaced by the growing back-off up to its cap',
  watch: (world, { violated, met }, { runtime, staleness }) => {
    const pauses = new Map<string, Pause>();
    return {
      resources: ['pods'],
      write({ type, object }) {
        if (type !== 'DELETED') return;
        const { uid } = object.metadata;
        for (const [name] of runtime.pod(uid)?.lastStarted ?? []) pauses.delete(`${uid}/${name}`);
      },
      called: {
        'cri.RuntimeService/StartContainer'(call) {
          const container = runtime.container(call);
          if (!container) return;
          const { now } = world.kernel;
          const { pod } = container.sandbox;
          const key = `${pod.uid}/${container.name}`;
          const before = pauses.get(key);
          // A call that is delivered or sent twice starts nothing more.
          if (before?.container === container) return;
          const kubelet = staleness.endsOf(`kubelet/${nodeOf(call.actor)}`);
          const anew: Pause = { container, delay: 0, at: now, kubelet };
          if (
            !before ||
            before.container.sandbox !== container.sandbox ||
            before.kubelet !== kubelet ||
            !isSame(before.container, container) ||
            staleness.wasStrange(nodeOf(call.actor), before.at)
          ) {
            pauses.set(key, anew);
            return;
          }
          if (now - before.at > FORGOTTEN) {
            pauses.set(key, { ...anew, delay: FIRST });
            return;
          }
          // What the kubelet stops itself it starts in the same turn, and goes by the end of the instance before.
          // One that never ran, since its start failed, has no end that the kubelet could count from: it goes by the end of an older one.
          if (before.container.stopAsked || before.container.exitCode === undefined) {
            pauses.set(key, { ...anew, delay: before.delay });
            return;
          }
          if (before.delay > 0) {
            met();
            if (now - before.at < before.delay - SLACK)
              violated(
                `${call.actor} starts container ${container.name} of Pod ${pod.namespace}/${pod.name} ${formatDuration(now - before.at)} after its last start, where it has to pause for ${formatDuration(before.delay)}`,
                `Pod ${pod.namespace}/${pod.name}`,
              );
          }
          pauses.set(key, { ...anew, delay: before.delay === 0 ? FIRST : Math.min(2 * before.delay, LONGEST) });
        },
      },
    };
  },
};

const isSame = (before: ObservedContainer, now: ObservedContainer): boolean =>
  before.image === now.image && JSON.stringify(before.resources) === JSON.stringify(now.resources);
