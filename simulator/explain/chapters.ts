import type { Topic } from './changes.ts';
import { fold, type Line } from './lines.ts';
import { type Milestone, milestonesOf } from './milestones.ts';
import type { Cast } from './subject.ts';
import { topicsOf } from './topics.ts';
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
  /** Of its first line, faults not counted that the scenario set beforehand. */
  readonly at: number;
  readonly end: number;
  /** From when it counts how long it took: its first line, but not before its subject was stored; a pod is ready after it was stored. */
  readonly since: number;
  readonly milestones: readonly Milestone[];
  readonly scenes: readonly Scene[];
  /** How it stands at the end of the run, where that says more than its lines. */
  readonly close: string | undefined;
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
  later: ['Later', 'What befell it once it had come up: its node, its containers, its endpoints; in order of time.'],
  ended: ['Ended', 'Traffic stops first, then the containers, then the network goes back, then the volume; last of all the object goes.'],
};

const ORDER: readonly Topic[] = ['stored', 'volume', 'sandbox', 'containers', 'reach', 'later', 'ended'];

/**
 * Cuts lines into chapters, folds what repeats, and names the long waits.
 *
 * @param remains what the end of the run leaves of a subject that was to go.
 */
export function chaptersOf(lines: readonly Line[], cast: Cast, remains: string | undefined): readonly Chapter[] {
  const byTopic = new Map<Topic, Line[]>(ORDER.map((topic) => [topic, []]));
  const topics = topicsOf(lines, cast);
  for (const line of lines) byTopic.get(topics.get(line.seq) ?? line.topic)?.push(line);
  return ORDER.flatMap((topic) => {
    const all = byTopic.get(topic) ?? [];
    const own = fold(all);
    const [first] = own;
    if (!first) return [];
    const [title, about] = CHAPTERS[topic];
    const at = (own.find(({ marks }) => !marks.includes('step') || topic === 'later') ?? first).at;
    const since = topic === 'reach' && cast.subject.kind === 'pod' ? cast.since : Math.max(at, cast.since);
    const close = topic === 'ended' ? remains : undefined;
    const milestones = milestonesOf(topic, all, cast);
    return [{ topic, title, about, at, end: lastEnd(own), since, milestones, scenes: topScenes(own, lines, cast), close }];
  });
}

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
