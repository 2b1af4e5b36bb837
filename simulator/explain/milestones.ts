import type { KubeObject } from '@slipway/kube';
import type { Topic } from './changes.ts';
import type { Chronicle } from './chronicle.ts';
import type { Line } from './lines.ts';
import { type Cast, RESOURCES } from './subject.ts';

/** When what a chapter is about was done for the first time. */
export interface Milestone {
  /** Follows "never" and goes before "after 2 s": `running`. */
  readonly what: string;
  /** Infinity: never. */
  readonly at: number;
}

/** What a chapter comes to; none where there is nothing to come to. The first is what it is about. */
export function milestonesOf(topic: Topic, own: readonly Line[], cast: Cast): readonly Milestone[] {
  const first = (holds: (line: Line) => boolean): number => ended(own.find(holds));
  const marked = (mark: string): number => first(({ marks }) => marks.includes(mark));
  switch (topic) {
    case 'stored':
      return cast.subject.kind === 'pod' ? [{ what: 'on a node', at: Math.min(marked('bound'), marked('placed')) }] : [];
    case 'volume':
      return cast.subject.kind === 'claim' ? [{ what: 'bound', at: marked('claim-bound') }] : mounts(own);
    case 'sandbox':
      return [{ what: 'ready', at: first(isDone('RunPodSandbox')) }];
    case 'containers':
      return [{ what: 'running', at: lastOfFirsts(own, 'StartContainer', ({ about }) => about) }];
    case 'reach':
      return reached(marked('endpoint-ready'), marked('ready'), own, cast);
    case 'ended':
      return ['gone', 'finished']
        .map((mark) => ({
          what: mark,
          at: first(({ name, marks }) => name.endsWith(` ${RESOURCES[cast.subject.kind]}`) && marks.includes(mark)),
        }))
        .filter(({ at }) => Number.isFinite(at))
        .slice(0, 1);
    case 'later':
      return [];
  }
}

const isDone =
  (method: string) =>
  ({ name, failed }: Line): boolean =>
    name.endsWith(`/${method}`) && !failed;

const ended = (line: Line | undefined): number => (line ? Math.max(line.at, line.end) : Number.POSITIVE_INFINITY);

/** When each of several was done once. */
function lastOfFirsts(own: readonly Line[], method: string, which: (line: Line) => string | undefined): number {
  const firsts = new Map<string | undefined, number>();
  for (const line of own) if (isDone(method)(line) && !firsts.has(which(line))) firsts.set(which(line), ended(line));
  return firsts.size === 0 ? Number.POSITIVE_INFINITY : Math.max(...firsts.values());
}

function mounts(own: readonly Line[]): readonly Milestone[] {
  return [{ what: 'mounted', at: lastOfFirsts(own, 'NodePublishVolume', ({ subject }) => subject) }];
}

function reached(endpoint: number, ready: number, own: readonly Line[], { services }: Cast): readonly Milestone[] {
  const isForPod = services.length === 0 || (!Number.isFinite(endpoint) && Number.isFinite(ready));
  const outside = own.find(({ outcome }) => outcome.startsWith('reached from outside at '));
  return [
    isForPod ? { what: 'ready', at: ready } : { what: 'reachable', at: endpoint },
    // A balancer that was there before the pod says nothing of it.
    ...(outside && outside.at > endpoint ? [{ what: 'reachable from outside', at: outside.at }] : []),
  ];
}

/** What the end of the run leaves of a subject that was to go; undefined for one that is gone, or is to stay. */
export function remainsOf(chronicle: Chronicle, { pods, claims, services, subject }: Cast): string | undefined {
  const last: KubeObject | undefined = { pod: pods, claim: claims, service: services }[subject.kind].at(-1);
  if (last?.metadata.deletionTimestamp === undefined || chronicle.objects.get(last.metadata.uid ?? '')?.gone !== false) return undefined;
  const { finalizers = [] } = last.metadata;
  const because =
    finalizers.length > 0
      ? `kept by ${finalizers.length === 1 ? 'its finalizer' : 'its finalizers'} ${finalizers.join(', ')}`
      : 'no kubelet has confirmed that its containers are gone';
  return `still there at the end of the run: ${because}`;
}
