import { entries, type Guide } from './entry.ts';

const RETRY = 'the caller puts the object back into its queue and tries again after 5 ms, doubling to 1000 s';
const PERSON = 'the caller sees the Status with reason and message';

/** The API server (Kubernetes API conventions, "Verbs on Resources"). */
export const apiGuide = entries('api.Server', (method) => `Kubernetes API, ${method.toLowerCase()}`, {
  Get: ['how is this object now?', RETRY],
  List: ['all objects of a kind, as the start of a watch', 'the cache stays empty or old; the list is tried again with back-off'],
  Create: ['a new object, after admission and validation', PERSON],
  Update: ['the object as it shall be from now on', `Conflict when somebody was faster: ${RETRY}`],
  UpdateStatus: ['what has become of the object', `Conflict when somebody was faster: ${RETRY}`, 'Kubernetes API, update status'],
  Patch: ['a part of the object changes', RETRY],
  Delete: ['the object is to go: a running pod gets its grace period first (30 s unless it says otherwise)', PERSON],
  DeleteCollection: ['all objects of a kind are to go', PERSON, 'Kubernetes API, delete collection'],
  Watch: ['tell me of every change from here on', 'the cache goes stale; the watch is opened again, with a new list when it is too old'],
  Bind: [
    'the scheduler has chosen: from now on the pod belongs to this node',
    'the scheduler gives the place back and queues the pod again, with back-off 1 s doubling to 10 s',
    'Kubernetes API, pods/binding',
  ],
  Evict: [
    'delete the pod, if its disruption budgets allow',
    '429 TooManyRequests while a budget would be broken; kubectl drain asks again after 5 s',
    'Kubernetes API, pods/eviction',
  ],
  RenewLease: [
    'the kubelet is alive',
    'it tries again at once; after 50 s of silence the node is marked Unknown, after 300 s more its pods are evicted',
    'Kubernetes API, Lease renewal',
  ],
  Finalize: ['the namespace is empty: it may vanish', RETRY, 'Kubernetes API, namespaces/finalize'],
});

/** Decisions and reports that are no calls. */
export const decisionGuide: ReadonlyMap<string, Guide> = new Map([
  [
    'scheduler/schedule',
    {
      why: 'of the nodes that pass every filter, the one with the best score',
      spec: 'Kubernetes scheduling framework, scheduling cycle',
      ifItFails: 'the pod stays Pending with FailedScheduling; it is tried again when something that it needs changes, or after 5 min',
    },
  ],
  [
    'traffic/request',
    {
      why: 'a request goes its way: name, Service, network, mesh, program',
      spec: 'Kubernetes, Services and network model',
      ifItFails: 'the sender sees an error, or nothing until its time-out',
    },
  ],
]);
