import type { Topic } from './changes.ts';
import { fold, type Line } from './lines.ts';
import type { Cast } from './subject.ts';
import { type Wait, waitBefore, waitWithin } from './waits.ts';

/** A line with the long waits before and within it. */
export interface Scene {
  readonly line: Line;
  readonly before: Wait | undefined;
  readonly within: Wait | undefined;
  readonly scenes: readonly Scene[];
}

export interface Chapter {
  readonly topic: Topic;
  readonly title: string;
  /** One sentence on what it is about. */
  readonly about: string;
  readonly at: number;
  readonly end: number;
  readonly scenes: readonly Scene[];
}

const CHAPTERS: Readonly<Record<Topic, readonly [title: string, about: string]>> = {
  stored: ['Stored and scheduled', 'A pod begins as an object in the API server; the scheduler picks a node for it.'],
  volume: [
    'Volume',
    'Storage has three steps, each asked of the CSI driver: make the volume, attach it to the machine, mount it for the pod.',
  ],
  sandbox: [
    'Sandbox and network',
    'The kubelet asks the container runtime (CRI) for a sandbox: an empty pod with a network of its own. The runtime lets a network plugin (CNI) give it an address, and a low-level runtime (OCI) run the process that holds it.',
  ],
  containers: [
    'Containers',
    'For each container: fetch the image from its registry (OCI distribution), prepare the container, run its process (OCI runtime).',
  ],
  reach: [
    'Ready and reachable',
    'A pod that says it is ready becomes an endpoint of its Services; a cloud provider (CPI) may put a balancer in front.',
  ],
  ended: ['Ended', 'Traffic stops first, then the containers, then the network goes back, then the volume; last of all the object goes.'],
};

const ORDER: readonly Topic[] = ['stored', 'volume', 'sandbox', 'containers', 'reach', 'ended'];

/** Cuts lines into chapters, folds what repeats, and names the long waits. */
export function chaptersOf(lines: readonly Line[], cast: Cast): readonly Chapter[] {
  const byTopic = new Map<Topic, Line[]>(ORDER.map((topic) => [topic, []]));
  const ending = endings(lines);
  for (const line of lines) byTopic.get(ending.has(line.seq) ? 'ended' : line.topic)?.push(line);
  return ORDER.flatMap((topic) => {
    const own = fold(byTopic.get(topic) ?? []);
    const [first] = own;
    if (!first) return [];
    const [title, about] = CHAPTERS[topic];
    return [{ topic, title, about, at: first.at, end: lastEnd(own), scenes: topScenes(own, lines, cast) }];
  });
}

/** Whatever happens to a pod once it is to go belongs to its end, up to its next life under the same name. */
function endings(lines: readonly Line[]): ReadonlySet<number> {
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

const isOfPod = ({ kind, name, marks }: Line, mark: string): boolean => kind === 'write' && name.endsWith(' pods') && marks.includes(mark);

const lastEnd = (lines: readonly Line[]): number => lines.reduce((latest, line) => Math.max(latest, ends(line)), 0);

/** A pause in one chapter is none while another goes on, unless what ended it says what was waited for. */
function topScenes(own: readonly Line[], all: readonly Line[], cast: Cast): readonly Scene[] {
  const [first] = own;
  if (!first) return [];
  let from = all.reduce((latest, line) => (line.seq < first.seq && ends(line) <= first.at ? Math.max(latest, ends(line)) : latest), 0);
  if (from === 0) from = first.at;
  return own.map((line) => {
    const before = all.filter(({ seq }) => seq < line.seq);
    const wait = waitBefore({ before, next: line, from, cast });
    const silent = before.every(({ at, end }) => at <= from && !(Math.min(end, line.at) > from));
    from = Math.max(from, ends(line));
    return sceneOf(line, wait && (wait.what !== '' || silent) ? wait : undefined, cast);
  });
}

function sceneOf(line: Line, before: Wait | undefined, cast: Cast): Scene {
  const { children } = line;
  let from = line.at;
  const scenes = children.map((child, index) => {
    const wait = waitBefore({ before: children.slice(0, index), next: child, from, cast });
    from = Math.max(from, ends(child));
    return sceneOf(child, wait, cast);
  });
  return { line, before, within: waitWithin(line, cast), scenes };
}

const ends = ({ at, end }: Line): number => (Number.isFinite(end) ? Math.max(at, end) : at);
