import { findCondition, type Node } from '@slipway/kube';
import type { CommittedWrite } from '../apiserver/index.ts';
import { mayRun, containersOf } from '../invariants/facts/runtime-objects.ts';
import { nodeOf } from '../invariants/titles.ts';
import type { Situation } from './situation.ts';

const kubeletCameBack: Situation = {
  id: 'kubelet-came-back',
  title: 'a kubelet came back to containers that run',
  watch: (_world, reached, { runtime }) => ({
    fault({ name, subject = '' }) {
      if (name !== 'fault/up' || !subject.startsWith('kubelet/')) return;
      for (const sandbox of runtime.sandboxesOf(nodeOf(subject)).values())
        for (const container of containersOf(sandbox))
          if (mayRun(container) && runtime.hasPower(sandbox)) {
            reached();
            return;
          }
    },
  }),
};

/** What the Ready condition says before and after a write; undefined when it stays. */
function readiness({ object, old }: CommittedWrite): readonly [string | undefined, string | undefined] | undefined {
  const [now, before] = [(object as Node).status?.conditions, (old as Node | undefined)?.status?.conditions];
  if (now === before) return undefined;
  const [is, was] = [findCondition(now, 'Ready')?.status, findCondition(before, 'Ready')?.status];
  return is === was ? undefined : [was, is];
}

const nodeLost: Situation = {
  id: 'node-lost',
  title: 'a node was not heard of any more',
  watch: (_world, reached) => ({
    resources: ['nodes'],
    write: (write) => void (readiness(write)?.[1] === 'Unknown' && reached()),
  }),
};

const nodeBack: Situation = {
  id: 'node-back',
  title: 'a node came back that was not heard of',
  watch: (_world, reached) => ({
    resources: ['nodes'],
    write(write) {
      const change = readiness(write);
      if (change?.[0] === 'Unknown' && change[1] === 'True') reached();
    },
  }),
};

const nodeRemoved: Situation = {
  id: 'node-removed',
  title: 'a Node object was deleted while pods were bound to it',
  watch: (_world, reached, { scheduled }) => ({
    resources: ['nodes'],
    write: ({ type, object }) => void (type === 'DELETED' && scheduled.on(object.metadata.name).size > 0 && reached()),
  }),
};

const crashed = (id: string, title: string, what: string): Situation => ({
  id,
  title,
  watch: (_world, reached) => ({ fault: ({ data }) => data[0] === what && reached() }),
});

export const machineSituations: readonly Situation[] = [
  kubeletCameBack,
  nodeLost,
  nodeBack,
  nodeRemoved,
  crashed('callee-crashed', 'a plugin or a server crashed with a call in its hands', 'callee crashes'),
  crashed('caller-crashed', 'whoever had asked crashed before it took the answer', 'caller crashes'),
];
