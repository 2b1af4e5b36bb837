import type { Container } from '@slipway/kube';
import { mayRun } from '../facts/runtime-objects.ts';
import type { ObservedSandbox } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { containerOf, storedPod } from './stored-pod.ts';

/** Judged at each start, by what the runtime told of the containers in the same sandbox. */
export const initOrder: Invariant = {
  id: 'KUB-04',
  name: 'init-order',
  kind: 'S',
  holds: 'init containers run one by one, to success, before any app container; never while one runs',
  watch: (world, { violated, met }, { runtime }) => ({
    called: {
      'cri.RuntimeService/StartContainer'(call) {
        const starting = runtime.container(call);
        if (!starting) return;
        const { sandbox, name } = starting;
        const pod = storedPod(world, sandbox.pod);
        const sort = pod && containerOf(pod, name)?.sort;
        if (!pod || sort === undefined || sort === 'ephemeral') return;
        const inits = pod.spec.initContainers ?? [];
        if (inits.length === 0) return;
        met();
        const title = `Pod ${sandbox.pod.namespace}/${sandbox.pod.name}`;
        const before =
          sort === 'app'
            ? inits
            : inits.slice(
                0,
                inits.findIndex((init) => init.name === name),
              );
        for (const init of before) {
          const wrong = notThrough(sandbox, init);
          if (wrong !== undefined) violated(`${call.actor} starts container ${name} of ${title}, but ${wrong}`, title);
        }
        if (sort !== 'init') return;
        for (const { name: app } of pod.spec.containers) {
          if (!sandbox.containers.get(app)?.some(mayRun)) continue;
          violated(`${call.actor} starts init container ${name} of ${title} while container ${app} runs`, title);
        }
      },
    },
  }),
};

/** Why an init container is not through; undefined when it is. A sidecar is through once it was started. */
function notThrough(sandbox: ObservedSandbox, { name, restartPolicy }: Container): string | undefined {
  const instances = sandbox.containers.get(name) ?? [];
  if (restartPolicy === 'Always') return instances.some(({ started }) => started) ? undefined : `sidecar ${name} has not started`;
  if (instances.some(({ exitCode }) => exitCode === 0)) return undefined;
  if (instances.some(mayRun)) return `init container ${name} still runs`;
  const last = instances.at(-1);
  return `init container ${name} ${last?.exitCode === undefined ? 'has not run' : `ended with ${last.exitCode}`}`;
}
