import type { CreateContainerRequest, RunPodSandboxRequest, StopPodSandboxRequest } from '@slipway/cri';
import { nodeOf } from '../invariants/titles.ts';
import { OpenCalls } from './open-calls.ts';
import type { Situation } from './situation.ts';

const deletedWhileMade: Situation = {
  id: 'deleted-while-sandbox-made',
  title: 'a pod was deleted while its sandbox was being made',
  watch: (_world, reached) => {
    const making = new OpenCalls();
    const uidOf = (full: unknown): string => (full as RunPodSandboxRequest).config.metadata.uid;
    return {
      resources: ['pods'],
      write({ type, object: { metadata }, old }) {
        const isDeleted = type === 'DELETED' || (metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined);
        if (isDeleted && making.has(metadata.uid)) reached();
      },
      called: { 'cri.RuntimeService/RunPodSandbox': (call) => making.begin(uidOf(call.full), call) },
      answered: { 'cri.RuntimeService/RunPodSandbox': ({ call }) => making.end(uidOf(call.full), call) },
    };
  },
};

const sandboxMadeAnew: Situation = {
  id: 'sandbox-made-anew',
  title: 'a pod got a second sandbox',
  watch: (_world, reached) => ({
    called: {
      'cri.RuntimeService/RunPodSandbox': ({ full }) => ((full as RunPodSandboxRequest).config.metadata.attempt ?? 0) > 0 && reached(),
    },
  }),
};

const containerRestarted: Situation = {
  id: 'container-restarted',
  title: 'a container was made again after it had ended',
  watch: (_world, reached) => ({
    called: {
      'cri.RuntimeService/CreateContainer': ({ full }) => ((full as CreateContainerRequest).config.metadata.attempt ?? 0) > 0 && reached(),
    },
  }),
};

const stopRepeated: Situation = {
  id: 'stop-repeated',
  title: 'a sandbox was stopped that was stopped already',
  watch: (_world, reached) => {
    const stopped = new Set<string>();
    const key = (actor: string, full: unknown): string => `${nodeOf(actor)}/${(full as StopPodSandboxRequest).podSandboxId}`;
    return {
      called: { 'cri.RuntimeService/StopPodSandbox': ({ actor, full }) => stopped.has(key(actor, full)) && reached() },
      answered: {
        'cri.RuntimeService/StopPodSandbox': ({ call, ok }) => ok && stopped.add(key(call.actor, call.full)),
        'cri.RuntimeService/RemovePodSandbox': ({ call, ok }) => ok && stopped.delete(key(call.actor, call.full)),
      },
    };
  },
};

const RUNTIME_WORK = ['RunPodSandbox', 'CreateContainer', 'StartContainer'].map((method) => `cri.RuntimeService/${method}`);

const runtimeAnswerLost: Situation = {
  id: 'runtime-answer-lost',
  title: 'a runtime did what it was asked to, and its kubelet was not told',
  watch: (_world, reached) => ({ fault: ({ name, data }) => data[0] === 'answer lost' && RUNTIME_WORK.includes(name) && reached() }),
};

const pullFailed: Situation = {
  id: 'pull-failed',
  title: 'an image could not be pulled',
  watch: (_world, reached) => ({ answered: { 'cri.ImageService/PullImage': ({ ok }) => !ok && reached() } }),
};

const forceDeleted: Situation = {
  id: 'pod-force-deleted',
  title: 'the object of a pod went while its containers could still run',
  watch: (_world, reached, { runtime }) => ({
    resources: ['pods'],
    write({ type, object }) {
      const pod = type === 'DELETED' ? runtime.pod(object.metadata.uid) : undefined;
      if (pod && [...pod.sandboxes].some((sandbox) => sandbox.ready && runtime.hasPower(sandbox))) reached();
    },
  }),
};

export const podSituations: readonly Situation[] = [
  deletedWhileMade,
  sandboxMadeAnew,
  containerRestarted,
  stopRepeated,
  runtimeAnswerLost,
  pullFailed,
  forceDeleted,
];
