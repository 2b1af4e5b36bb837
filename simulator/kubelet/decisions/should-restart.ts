import { type Container, containerShouldRestart, type Pod } from '@slipway/kube';
import { latest, type ObservedPod } from './observed-pod.ts';

/** A container that ended with this exit code is started again. */
export function restartsAfterExit(container: Container, pod: Pod, exitCode: number): boolean {
  return containerShouldRestart(container, pod.spec.restartPolicy, exitCode);
}

/**
 * The container ought to be started in the pod's next sync.
 *
 * Source: `pkg/kubelet/container/helpers.go` ShouldContainerBeRestarted.
 */
export function shouldStart(container: Container, pod: Pod, observed: ObservedPod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  const last = latest(observed, container.name);
  if (!last) return true;
  if (last.state === 'running') return false;
  // Created: the start failed halfway. Unknown: nobody can say, so it is killed and started anew.
  if (last.state !== 'exited') return true;
  return restartsAfterExit(container, pod, last.exitCode);
}
