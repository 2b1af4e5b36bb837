import type { Topic } from './changes.ts';
import type { Line } from './lines.ts';
import { type Cast, RESOURCES } from './subject.ts';

/** Which chapter each line belongs to, by the number of its event: by what it is about, and by what has happened before it. */
export function topicsOf(lines: readonly Line[], cast: Cast): ReadonlyMap<number, Topic> {
  const ending = cast.subject.kind === 'pod' ? endingsOfPods(lines) : endingOf(lines, RESOURCES[cast.subject.kind]);
  const topics = new Map<number, Topic>();
  let turn = NOT_YET;
  for (const line of lines) {
    if (isOfPod(line, 'created')) turn = NOT_YET;
    turn = turnAt(line, turn, cast);
    topics.set(line.seq, ending.has(line.seq) ? 'ended' : topicAt(line, turn, cast));
  }
  return topics;
}

/** How far the subject has come. */
interface Turn {
  /** It was ready once; a Service: it had an endpoint. */
  readonly isUp: boolean;
  /** Something has befallen it: from here on the story is told in order of time. */
  readonly isTroubled: boolean;
}

const NOT_YET: Turn = { isUp: false, isTroubled: false };

function turnAt(line: Line, { isUp, isTroubled }: Turn, cast: Cast): Turn {
  const up = cast.subject.kind === 'service' ? 'endpoint-ready' : 'ready';
  const lost = line.at >= cast.since && (line.marks.includes('node-lost') || line.name === 'step/powerOff');
  const troubled = isTroubled || lost || (isUp && (line.topic === 'later' || TROUBLES.some((mark) => line.marks.includes(mark))));
  return { isUp: isUp || line.marks.includes(up), isTroubled: troubled };
}

const TROUBLES = ['unready', 'endpoint-down', 'event:Unhealthy', 'event:BackOff'];

function topicAt({ topic }: Line, { isUp, isTroubled }: Turn, { subject }: Cast): Topic {
  if (isTroubled) return topic === 'ended' && subject.kind !== 'service' ? 'ended' : 'later';
  // What happens to its node while it is coming up is part of coming up.
  if (topic === 'later') return isUp ? 'later' : 'stored';
  // Endpoints come and go: a Service ends only when it is deleted.
  return topic === 'ended' && subject.kind === 'service' ? 'later' : topic;
}

/** Whatever happens to a pod once it is to go belongs to its end, up to its next life under the same name. */
function endingsOfPods(lines: readonly Line[]): ReadonlySet<number> {
  const found = new Set<number>();
  const lastSandbox = new Set<number>();
  let latest: Line | undefined;
  for (const line of lines) {
    if (line.name === 'cri.RuntimeService/RunPodSandbox') latest = line;
    if (latest && isOfPod(line, 'created') && lines[0] !== line) lastSandbox.add(latest.seq);
  }
  if (latest) lastSandbox.add(latest.seq);
  let last = false;
  let ending = false;
  for (const line of lines) {
    if (lastSandbox.has(line.seq)) last = true;
    if (isOfPod(line, 'created')) {
      ending = false;
      last = false;
    }
    if (['deleted', 'finished', 'gone'].some((mark) => isOfPod(line, mark))) ending = true;
    // A sandbox that no other follows is stopped because the pod is over.
    if (last && line.name === 'cri.RuntimeService/StopPodSandbox') ending = true;
    if (ending) found.add(line.seq);
  }
  return found;
}

/** A claim or a Service ends once somebody deletes it. */
function endingOf(lines: readonly Line[], resource: string): ReadonlySet<number> {
  const start = lines.findIndex(
    ({ kind, name, marks }) => kind === 'write' && name.endsWith(` ${resource}`) && (marks.includes('deleted') || marks.includes('gone')),
  );
  return new Set(start < 0 ? [] : lines.slice(start).map(({ seq }) => seq));
}

const isOfPod = ({ kind, name, marks }: Line, mark: string): boolean => kind === 'write' && name.endsWith(' pods') && marks.includes(mark);
