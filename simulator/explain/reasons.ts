import type { TraceRecord } from '@slipway/kernel';
import { nameOf, type Told, tellChange } from './changes.ts';
import type { Change, Chronicle } from './chronicle.ts';
import { guideTo } from './guide.ts';
import type { Cast } from './subject.ts';
import { shorten, titleOf } from './wording.ts';

/** Writes whose reason is a loop or a promise of their writer, by what they mean. */
const BY_MARK: Readonly<Record<string, string>> = {
  bound: 'the scheduler has chosen: from now on the pod belongs to this node, whose kubelet takes over',
  'attach-wanted': 'the attach-detach controller looks every 100 ms which volumes pods on nodes need',
  'detach-wanted': 'no pod on that node wants the volume any more',
  attached: 'the driver says that the volume is at the machine',
  'volumes-attached': 'the attachment is there: the controller tells the kubelet so in the status of the node',
  'volumes-detached': 'the controller is about to detach: the kubelet must not mount it any more',
  'volumes-in-use': 'the kubelet reports the status of its node every 10 s',
  'volumes-unused': 'nothing on the node has the volume mounted any more',
  'node-lost': 'the node has not renewed its lease for 50 s; it is looked at every 5 s',
  'node-unready': 'the kubelet is there and says that its runtime or its network is not ready',
  'progress-deadline': 'no pod more became ready within progressDeadlineSeconds (600 s unless the Deployment says otherwise)',
};

const PAST: Readonly<Record<string, string>> = {
  create: 'was created',
  update: 'was changed',
  patch: 'was changed',
  bind: 'was bound',
  delete: 'was deleted',
};

/** Why an object was written, from what the write follows from in the trace. */
export function becauseOf(record: TraceRecord, told: Told, change: Change, chronicle: Chronicle, cast: Cast): string {
  for (const mark of told.marks) {
    const known = BY_MARK[mark];
    if (known !== undefined) return known;
  }
  const request = chronicle.requestOf(record);
  if (!request) return '';
  if (request.actor === 'kubectl' || request.actor.startsWith('scenario')) return 'somebody asked for it';
  if (told.marks.includes('unready') && request.actor === 'node-lifecycle-controller')
    return 'nothing is heard of its node: it is to get no traffic until it is heard of again';
  if (told.marks.includes('ready')) return 'the readiness probes and gates of all its containers are satisfied';
  for (let at = chronicle.get(request.cause); at; at = chronicle.get(at.cause)) {
    if (at.kind === 'write') {
      const behind = chronicle.changes.get(at.seq);
      // What is outside the story may be the start of a loop that has long gone on to other things.
      // A Service's story has no lines of its pods; what its endpoints follow are pods all the same.
      const ours =
        (change.resource === 'endpointslices' && behind?.resource === 'pods') || cast.uids.has(behind?.object.metadata.uid ?? '');
      if (!behind || behind === change || !(ours || tellChange(behind, cast))) return '';
      return `because ${shorten(nameOf(behind))} ${behind.gone ? 'went' : became(behind, chronicle)}`;
    }
    if (at.kind === 'decision') return at.data[0] === 'unschedulable' ? 'no node passes every filter' : (guideTo(at.name)?.why ?? '');
    if (at.kind === 'call' && !at.name.startsWith('api.')) return cast.tells(at) ? `because of what ${titleOf(at.name)} showed` : '';
  }
  return '';
}

/** What was done to an object. Only a kubelet speaks for a pod or a node. */
function became({ verb, record }: Change, chronicle: Chronicle): string {
  if (!verb.endsWith(' status')) return PAST[verb] ?? 'was written';
  const actor = chronicle.requestOf(record)?.actor ?? record.actor;
  return actor.startsWith('kubelet/') || !/node|taint/.test(actor) ? 'reported its status' : `was given a status by the ${actor}`;
}
