import { finalizers, type Container, type Job, type Pod, type Stored } from '@slipway/kube';
import { podFromTemplate } from '../pod-control.ts';
import { COMPLETION_INDEX, FAILURE_COUNT, IGNORED_FAILURE_COUNT } from './indexes.ts';
import type { NewPod } from './scaling.ts';

/** The pod of a Job; of an Indexed one it carries its index in every way that a program may look for it. */
export function podOf(job: Stored<Job>, { index, failures }: NewPod): Pod {
  const pod = podFromTemplate(job, job.spec.template);
  const { metadata } = pod;
  const held = metadata.finalizers ?? [];
  const tracked = held.includes(finalizers.jobTracking) ? held : [...held, finalizers.jobTracking];
  if (index === undefined) return { ...pod, metadata: { ...metadata, finalizers: tracked } };
  const text = String(index);
  const { name } = job.metadata;
  return {
    ...pod,
    metadata: {
      ...metadata,
      // Room for the index and the five letters that the server adds.
      generateName: `${name.slice(0, 63 - 5 - 2 - text.length)}-${text}-`,
      finalizers: tracked,
      labels: { ...metadata.labels, [COMPLETION_INDEX]: text },
      annotations: {
        ...metadata.annotations,
        [COMPLETION_INDEX]: text,
        ...(failures ? { [FAILURE_COUNT]: String(failures.counted) } : {}),
        ...(failures && failures.ignored > 0 ? { [IGNORED_FAILURE_COUNT]: String(failures.ignored) } : {}),
      },
    },
    spec: {
      ...pod.spec,
      hostname: `${name}-${text}`,
      containers: pod.spec.containers.map(withIndexVariable),
      ...(pod.spec.initContainers ? { initContainers: pod.spec.initContainers.map(withIndexVariable) } : {}),
    },
  };
}

const VARIABLE = 'JOB_COMPLETION_INDEX';

function withIndexVariable(container: Container): Container {
  if (container.env?.some(({ name }) => name === VARIABLE)) return container;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  return { ...container, env: [...(container.env ?? []), { name: VARIABLE, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } }] };
}
