import type { Chapter, Scene } from './chapters.ts';

/** Who takes part, by the beginning of its name. */
const KNOWN: readonly (readonly [prefix: string, what: string])[] = [
  ['kubectl', 'somebody at a terminal'],
  ['kube-scheduler', 'picks a node for each pod'],
  ['kubelet/', 'the agent on a node: makes pods of the API run, by asking the container runtime'],
  ['deployment-controller', 'turns a Deployment into ReplicaSets'],
  ['replicaset-controller', 'turns a ReplicaSet into pods'],
  ['statefulset-controller', 'turns a StatefulSet into numbered pods'],
  ['daemonset-controller', 'sees to one pod per node'],
  ['cronjob-controller', 'makes a Job whenever a CronJob is due'],
  ['resourcequota-controller', 'counts what a namespace takes of its quota'],
  ['job-controller', 'turns a Job into pods, until enough have succeeded'],
  ['persistentvolume-controller', 'brings claims and volumes together'],
  ['attachdetach-controller', 'decides which volume belongs to which node'],
  ['external-provisioner/', 'stands beside a CSI driver: has volumes made for claims'],
  ['external-attacher/', 'stands beside a CSI driver: has volumes attached to machines'],
  ['external-resizer/', 'stands beside a CSI driver: has volumes grow'],
  ['endpointslice-controller', 'lists the addresses of the ready pods behind a Service'],
  ['service-lb-controller', 'has balancers made for Services'],
  ['cloud-controller-manager', 'talks to the cloud provider (CPI)'],
  ['node-lifecycle-controller', 'marks nodes that have gone silent'],
  ['cloud-node-controller', 'tells the cluster what the cloud knows of a new node'],
  ['cloud-node-lifecycle-controller', 'asks the cloud whether the machine of a silent node is still there'],
  ['pod-garbage-collector', 'removes pods that no kubelet will ever finish'],
  ['garbage-collector-controller', 'deletes what belonged to something that is gone'],
  ['ephemeral-volume-controller', 'makes the claims that pods bring with them'],
  ['pvc-protection-controller', 'keeps claims as long as a pod uses them'],
  ['pv-protection-controller', 'keeps volumes as long as a claim is bound to them'],
  ['disruption-controller', 'counts how many pods a budget lets go'],
  ['kube-proxy', 'sends what goes to a Service on to one of its endpoints'],
  ['scenario', 'what the scenario file tells'],
  ['the scenario', 'what the scenario file tells'],
  ['taint-eviction-controller', 'evicts pods from tainted nodes'],
  ['admission', 'what the API server asks before it stores an object'],
  ['registry', 'keeps images (OCI distribution)'],
  ['cpi/', 'the cloud provider: the cluster’s interpreter to its cloud (CPI)'],
  ['cloud/', 'the cloud itself: machines, disks, balancers'],
  ['csi/', 'the controller half of a storage driver (CSI)'],
  ['smi/', 'the service mesh (SMI): puts a proxy beside each program'],
];

/** What a plugin of the node is, by what it was asked. */
const BY_CALL: readonly (readonly [prefix: string, what: string])[] = [
  ['cri.', 'the container runtime of the node (CRI): pods, containers, images'],
  ['cni.', 'the network plugin of the node (CNI): an interface and an address for each pod'],
  ['oci.Runtime', 'the low-level runtime of the node (OCI): namespaces, cgroups, processes'],
  ['oci.Distribution', 'keeps images (OCI distribution)'],
  ['csi.', 'the node half of a storage driver (CSI): mounts'],
  ['cpi.', 'the cloud provider (CPI)'],
  ['smi.', 'the service mesh (SMI)'],
  ['cloud.', 'the cloud itself'],
];

/** Everyone who acts in the story and what they are, in order of their entrance. */
export function whoIsWho(chapters: readonly Chapter[]): readonly { readonly name: string; readonly what: string }[] {
  const found = new Map<string, string>();
  const meet = (name: string | undefined, call: string): void => {
    if (name === undefined || found.has(name)) return;
    const known = KNOWN.find(([prefix]) => name === prefix || (prefix.endsWith('/') && name.startsWith(prefix)));
    const what = known?.[1] ?? BY_CALL.find(([prefix]) => call.startsWith(prefix))?.[1];
    if (what !== undefined) found.set(name, what);
  };
  const visit = ({ line, scenes }: Scene): void => {
    meet(line.from, '');
    meet(line.to, line.name);
    scenes.forEach(visit);
  };
  for (const { scenes } of chapters) scenes.forEach(visit);
  return [...found].map(([name, what]) => ({ name, what }));
}
