import { entries } from './entry.ts';

/** CNI 1.1 (containernetworking/cni, SPEC.md, section 4: "CNI operations"). The runtime is the caller; the kubelet never calls CNI. */
export const cniGuide = entries('cni.Plugin', (method) => `CNI 1.1, ${method.toUpperCase()}`, {
  Add: [
    'the namespace is empty: the network plugin gives it an interface and an address, or opens its ports',
    'the runtime calls DEL to clean up and RunPodSandbox fails; the kubelet tries again with a new sandbox 10 to 15 s later',
    'CNI 1.1, "ADD: Add container to network"',
  ],
  Del: [
    'the sandbox ends: the interface goes, the address goes back',
    'StopPodSandbox fails and is repeated at the next sync, 10 to 15 s later; until then the address stays taken',
    'CNI 1.1, "DEL: Remove container from network"',
  ],
  Check: [
    'is the network of the container still as ADD left it?',
    'the runtime knows that the network is broken; containerd and CRI-O do not ask by themselves',
    'CNI 1.1, "CHECK: Check container\'s networking"',
  ],
  Gc: [
    'these attachments are in use: clean up whatever else you keep',
    'stale addresses stay taken until the next clean-up',
    'CNI 1.1, "GC: Clean up any stale resources"',
  ],
  Status: [
    'could you serve an ADD now?',
    'the runtime reports NetworkReady=false, asked every 5 s: the node is NotReady, and new pods wait 1 to 1.5 s between tries',
    'CNI 1.1, "STATUS: Check plugin status"',
  ],
  Version: [
    'which versions of the spec do you speak?',
    'the runtime cannot use the plugin',
    'CNI 1.1, "VERSION: probe plugin version support"',
  ],
});
