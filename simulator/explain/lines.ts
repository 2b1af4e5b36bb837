import type { TraceRecord } from '@slipway/kernel';
import { nameOf, type Told, tellChange, type Topic } from './changes.ts';
import type { Change, Chronicle } from './chronicle.ts';
import { guideTo } from './guide.ts';
import { outcomeOf } from './outcomes.ts';
import type { Cast } from './subject.ts';
import { becauseOf } from './reasons.ts';
import { shorten, titleOf } from './wording.ts';

export type LineKind = 'call' | 'write' | 'decision' | 'fault';

/** One thing that happened, with what happened within it. */
export interface Line {
  readonly seq: number;
  readonly at: number;
  /** When it was answered; the time of the last one, where several were folded into one. Infinity: never. */
  readonly end: number;
  /** When the last of those that were folded into it began. */
  readonly lastAt: number;
  readonly kind: LineKind;
  /** As the trace has it: `cri.RuntimeService/RunPodSandbox`, `api/bind pods`. */
  readonly name: string;
  /** What it was about, as the trace has it. */
  readonly subject: string | undefined;
  readonly from: string;
  /** Who answered a call. */
  readonly to: string | undefined;
  /** For people: `CRI.RunPodSandbox`, `pod web-0`. */
  readonly title: string;
  /** What a call is about, for people, where its title does not say it: `nginx:1.27`. */
  readonly about: string;
  readonly outcome: string;
  readonly failed: boolean;
  readonly why: string;
  readonly spec: string;
  /** What follows now: only where it failed. */
  readonly consequence: string;
  readonly topic: Topic;
  readonly marks: readonly string[];
  /** How many events it stands for. */
  readonly count: number;
  readonly children: readonly Line[];
  readonly record: TraceRecord;
  readonly answer: TraceRecord | undefined;
}

/** A line while its children are still being found. */
type Draft = Line & { readonly children: Line[] };

/** Looking again and seeing the same is no news. */
const LOOKS: ReadonlySet<string> = new Set([
  'cri.RuntimeService/PodSandboxStatus',
  'cri.RuntimeService/ContainerStatus',
  'cri.ImageService/ImageStatus',
  'csi.Node/NodeGetCapabilities',
  'csi.Controller/ControllerGetCapabilities',
  'csi.Identity/GetPluginInfo',
  'csi.Identity/GetPluginCapabilities',
  'smi.Mesh/Identity',
  'smi.Mesh/Route',
  'smi.Mesh/Authorise',
  'smi.Mesh/Observe',
]);

/** Calls of the API server are told by what they wrote; these also when they were refused. */
const REFUSALS: ReadonlySet<string> = new Set(['api.Server/Bind', 'api.Server/Evict']);

/**
 * The lines of a story in order of time: what was written of its objects, what was decided, every interface call made on its behalf, and
 * within each the calls that were made while it was being answered.
 *
 * @returns the lines, and how many looks that showed nothing new were left out.
 */
export function linesOf(chronicle: Chronicle, cast: Cast): { readonly lines: readonly Line[]; readonly left: number } {
  const top: Line[] = [];
  const drafts = new Map<number, Draft>();
  const seen = new Map<string, string>();
  let left = 0;
  for (const record of chronicle.records) {
    const draft = draftOf(record, chronicle, cast);
    if (!draft) continue;
    if (isOldNews(draft, seen)) {
      left += 1;
      continue;
    }
    drafts.set(record.seq, draft);
    // What is healed is told of where its going wrong was.
    if (draft.name === 'step/heal' && !top.some(({ name }) => name === 'step/fault' || name === 'step/partition')) continue;
    const around = record.kind === 'fault' ? chronicle.get(record.cause) : chronicle.parentOf(record);
    const within = around && record.kind !== 'write' ? drafts.get(around.seq) : undefined;
    (within?.children ?? top).push(draft);
  }
  return { lines: top, left };
}

/** A look that shows what the one before it showed, a back-off that is reported again, a container that goes on waiting. */
function isOldNews(line: Line, seen: Map<string, string>): boolean {
  if (LOOKS.has(line.name)) {
    const key = `${line.name} ${line.subject ?? line.from}`;
    const old = seen.get(key) === line.outcome && !line.failed;
    seen.set(key, line.outcome);
    return old;
  }
  if (line.marks.includes('event:BackOff') || line.marks.includes('event:Failed')) return / \(\d+ times\)$/.test(line.outcome);
  const [container] = line.marks.filter((mark) => mark.startsWith('container:'));
  if (container === undefined || line.marks.length > 1) return false;
  const key = `${line.title} ${container}`;
  const waiting = /^\S+ waiting: /.test(line.outcome) && !line.outcome.includes(';');
  const told = seen.get(key) ?? '';
  seen.set(key, waiting ? `${told}|${line.outcome}` : '');
  return waiting && told.split('|').includes(line.outcome);
}

function draftOf(record: TraceRecord, chronicle: Chronicle, cast: Cast): Draft | undefined {
  switch (record.kind) {
    case 'write':
      return writeLine(record, chronicle, cast);
    case 'call':
      return callLine(record, chronicle, cast);
    case 'decision':
      return cast.tells(record) && record.name === 'scheduler/schedule' ? decisionLine(record) : undefined;
    case 'fault':
      return faultLine(record, chronicle, cast);
    case 'log':
      return record.name.startsWith('step/') ? stepLine(record, cast) : logLine(record, cast);
    default:
      return undefined;
  }
}

function writeLine(record: TraceRecord, chronicle: Chronicle, cast: Cast): Draft | undefined {
  const change = chronicle.changes.get(record.seq);
  const told = change && tellChange(change, cast);
  if (!change || !told) return undefined;
  const request = chronicle.requestOf(record);
  const report = change.resource === 'events';
  return {
    ...common(record),
    kind: 'write',
    end: record.at,
    from: request?.actor ?? record.actor,
    to: undefined,
    title: shorten(nameOf(change)),
    outcome: shorten(told.what),
    failed: told.failed ?? false,
    why: report ? '' : becauseOf(record, told, change, chronicle, cast),
    spec: report ? 'Kubernetes API, Event' : `Kubernetes API, ${verbOf(change, told)} ${change.resource}`,
    consequence: '',
    topic: told.topic,
    marks: told.marks,
    answer: undefined,
  };
}

const verbOf = ({ verb, gone }: Change, { marks }: Told): string => (gone || marks.includes('deleted') ? 'delete' : verb);

function callLine(record: TraceRecord, chronicle: Chronicle, cast: Cast): Draft | undefined {
  const answer = chronicle.answerOf(record);
  const code = answer?.data[0];
  const failed = answer !== undefined && code !== 'OK';
  if (record.name.startsWith('api.')) {
    const refused = failed && REFUSALS.has(record.name) && cast.names(record);
    if (!refused) return undefined;
  } else if (!cast.tells(record)) return undefined;
  const guide = guideTo(record.name);
  return {
    ...common(record),
    kind: 'call',
    end: chronicle.endOf(record),
    from: record.actor,
    to: chronicle.calleeOf(record),
    title: titleOf(record.name),
    ...outcomeOf(record, answer, cast),
    failed: failed || answer === undefined,
    why: guide?.why ?? '',
    spec: guide?.spec ?? '',
    consequence: failed || answer === undefined ? (guide?.ifItFails ?? '') : '',
    topic: topicOf(record.name),
    marks: [],
    answer,
  };
}

function decisionLine(record: TraceRecord): Draft {
  const [verdict, node, feasible, looked, score] = record.data;
  const guide = guideTo(record.name);
  const chosen = verdict === 'scheduled';
  return {
    ...common(record),
    kind: 'decision',
    end: record.at,
    from: record.actor,
    to: undefined,
    title: `pod ${(record.subject ?? '').replace(/^.*\//, '')}`,
    outcome: chosen
      ? `${node} is chosen: ${feasible} of ${looked} nodes fit${Number(feasible) > 1 ? `, best score ${score}` : ''}`
      : `no place: ${record.data.slice(1).join(' ')}`,
    failed: !chosen,
    why: chosen ? (guide?.why ?? '') : 'no node passes every filter',
    spec: guide?.spec ?? '',
    consequence: chosen ? '' : (guide?.ifItFails ?? ''),
    topic: 'stored',
    marks: [chosen ? 'chosen' : 'unschedulable'],
    answer: undefined,
  };
}

/** What struck a call of the story, or who of its nodes broke down. */
function faultLine(record: TraceRecord, chronicle: Chronicle, cast: Cast): Draft | undefined {
  const call = chronicle.get(record.cause);
  const struck = call?.kind === 'call' && cast.tells(call);
  if (!struck && !cast.names(record) && !cast.isOn(record.subject, record.at)) return undefined;
  return {
    ...common(record),
    kind: 'fault',
    end: record.at,
    from: record.actor,
    to: undefined,
    title: titleOf(record.name),
    outcome: record.data.map(String).join(' '),
    failed: true,
    why: record.data[0] === 'breach' ? 'the spec was broken' : 'a fault was set here',
    spec: '',
    consequence: '',
    topic: struck ? topicOf(record.name) : 'later',
    marks: ['fault'],
    answer: undefined,
  };
}

/** What the scenario did to the nodes of the story, and what it let go wrong. */
function stepLine(record: TraceRecord, cast: Cast): Draft | undefined {
  const { subject, at, name } = record;
  const arrow = name === 'step/fault' || name === 'step/heal';
  // A part of a node is called `kubelet/node-1`, one of the cluster `kube-scheduler`.
  const node = subject?.slice(subject.indexOf('/') + 1);
  if (arrow && !mayConcern(cast, topicOf(subject ?? ''))) return undefined;
  const ofCluster =
    (cast.subject.kind === 'pod' && name === 'step/restart' && node === subject) || (name === 'step/partition' && subject === undefined);
  if (!arrow && !ofCluster && !cast.isOn(node, at)) return undefined;
  const said = record.data
    .map(String)
    .join(' ')
    .replace(/^\w+: /, '');
  return {
    ...common(record),
    kind: 'decision',
    end: at,
    from: 'the scenario',
    to: undefined,
    title: name.slice('step/'.length),
    // `{nodeOf: deployment/web}` does not say which node that was.
    outcome: shorten(said.includes('nodeOf:') && node !== undefined ? `${said}, which is ${node}` : said),
    failed: false,
    why: arrow && at < cast.since ? 'a step of the scenario, for what comes later' : 'a step of the scenario',
    spec: '',
    consequence: '',
    topic: arrow ? topicOf(subject ?? '') : 'later',
    marks: ['step', name],
    answer: undefined,
  };
}

/** Faults of interfaces that nobody in the story uses are no part of it. */
function mayConcern({ subject: { kind }, claims }: Cast, topic: Topic): boolean {
  if (kind !== 'pod') return topic === (kind === 'claim' ? 'volume' : 'reach');
  return topic !== 'volume' || claims.length > 0;
}

/** What a controller says of a volume of the story. */
function logLine(record: TraceRecord, cast: Cast): Draft | undefined {
  const { subject } = record;
  if (subject === undefined) return undefined;
  const ours = cast.volumes.some(({ spec }) => spec.csi !== undefined && subject.includes(spec.csi.volumeHandle));
  if (!ours) return undefined;
  return {
    ...common(record),
    kind: 'decision',
    end: record.at,
    from: record.actor,
    to: undefined,
    title: shorten(subject.replace(/^.*\^/, '')),
    outcome: shorten(record.data.map(String).join(' ')),
    failed: false,
    why: '',
    spec: '',
    consequence: '',
    topic: 'volume',
    marks: ['log'],
    answer: undefined,
  };
}

const common = (record: TraceRecord) => ({
  seq: record.seq,
  at: record.at,
  lastAt: record.at,
  name: record.name,
  subject: record.subject,
  about: '',
  count: 1,
  children: [],
  record,
});

function topicOf(name: string): Topic {
  if (name.startsWith('csi.') || name.startsWith('cloud.')) return 'volume';
  if (name.startsWith('cni.') || name.includes('PodSandbox')) return 'sandbox';
  if (name.startsWith('cri.') || name.startsWith('oci.')) return 'containers';
  if (name === 'smi.Mesh/Inject' || name.startsWith('api.') || name.startsWith('step')) return 'stored';
  return 'reach';
}

/** Siblings of the same kind, one after the other, as one line: polls, layers of an image, events that count up. */
export function fold(lines: readonly Line[]): readonly Line[] {
  const folded: Line[] = [];
  for (const line of lines) {
    const children = fold(line.children);
    const last = folded.at(-1);
    if (last && children.length === 0 && alike(last, line)) {
      folded[folded.length - 1] = {
        ...last,
        end: line.end,
        lastAt: line.at,
        outcome: line.outcome,
        marks: line.marks,
        count: last.count + 1,
        answer: line.answer,
      };
    } else folded.push({ ...line, children });
  }
  return folded;
}

function alike(one: Line, other: Line): boolean {
  if (one.kind !== other.kind || one.name !== other.name || one.from !== other.from || one.to !== other.to) return false;
  if (one.children.length > 0 || one.failed !== other.failed || one.title !== other.title || one.topic !== other.topic) return false;
  if (one.kind === 'call') return one.about === other.about && (one.failed ? one.outcome === other.outcome : one.subject === other.subject);
  return one.marks.some((mark) => mark.startsWith('event:')) && withoutCount(one.outcome) === withoutCount(other.outcome);
}

const withoutCount = (text: string): string => text.replace(/ \(\d+ times\)$/, '');
