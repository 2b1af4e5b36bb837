import { entries } from './entry.ts';

/** SMI (servicemeshinterface/smi-spec) is an API of resources; `Mesh` is what a mesh does with them, and admission as Kubernetes has it. */
export const smiGuide = entries('smi.Mesh', (method) => `SMI, ${method}`, {
  Inject: [
    'the pod is about to be stored: admission asks the mesh whether it gets a proxy',
    'the pod is refused (FailedCreate on its ReplicaSet); its controller tries again with back-off',
    'Kubernetes, "Dynamic Admission Control"',
  ],
  Identity: [
    'who is this pod to its peers? Its service account',
    'the peer counts as unknown, and what nothing allows is denied',
    'SMI Traffic Access Control, "TrafficTarget"',
  ],
  Route: [
    'to which of several Services does this request go? Weights decide',
    'the request fails at the sender',
    'SMI Traffic Split, "Specification"',
  ],
  Authorise: [
    'may this sender ask for this? What nothing allows is denied',
    'the request is denied at the receiver',
    'SMI Traffic Access Control, "Specification"',
  ],
  Observe: ['the request is done: it is counted', 'the metrics lack one request', 'SMI Traffic Metrics, "TrafficMetrics"'],
  Metrics: ['how much traffic, how fast, how good?', 'the user sees the error', 'SMI Traffic Metrics, "TrafficMetrics"'],
});
