import type { CreateContainerRequest } from '@slipway/cri';
import type { Invariant } from '../invariant.ts';
import { containerOf, storedPod } from './stored-pod.ts';

/** Judged when an app container starts in a pod's later sandbox: there, its init containers must at least have been made. */
export const initAfterSandboxLoss: Invariant = {
  id: 'KUB-05',
  name: 'init-after-sandbox-loss',
  kind: 'L',
  holds: 'a new sandbox runs the init containers again',
  watch: (world, { violated, met }, { runtime }) => {
    /** By uid: the sandboxes in which containers were made, and the names that were asked for in the last one. */
    const seen = new Map<string, { readonly first: string; last: string; made: Set<string> }>();
    return {
      resources: ['pods'],
      write({ type, object }) {
        if (type === 'DELETED') seen.delete(object.metadata.uid);
      },
      called: {
        'cri.RuntimeService/CreateContainer'(call) {
          const { podSandboxId, sandboxConfig, config } = call.full as CreateContainerRequest;
          const { uid } = sandboxConfig.metadata;
          const known = seen.get(uid);
          if (!known) seen.set(uid, { first: podSandboxId, last: podSandboxId, made: new Set([config.metadata.name]) });
          else if (known.last === podSandboxId) known.made.add(config.metadata.name);
          else {
            known.last = podSandboxId;
            known.made = new Set([config.metadata.name]);
          }
        },
        'cri.RuntimeService/StartContainer'(call) {
          const starting = runtime.container(call);
          const known = starting && seen.get(starting.sandbox.pod.uid);
          if (!known || known.first === known.last || starting.sandbox.id !== known.last) return;
          const pod = storedPod(world, starting.sandbox.pod);
          if (!pod || containerOf(pod, starting.name)?.sort !== 'app') return;
          const inits = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy !== 'Always');
          if (inits.length === 0) return;
          met();
          const left = inits.find(({ name }) => !known.made.has(name) && !starting.sandbox.containers.has(name));
          if (!left) return;
          const title = `Pod ${pod.metadata.namespace}/${pod.metadata.name}`;
          violated(
            `${call.actor} starts container ${starting.name} of ${title} in a new sandbox, in which init container ${left.name} was not run`,
            title,
          );
        },
      },
    };
  },
};
