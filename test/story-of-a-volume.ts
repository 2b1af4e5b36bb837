import { minutes, type Process, seconds, sleep } from '@slipway/kernel';
import { findCondition, type PersistentVolumeClaim, type Pod } from '@slipway/kube';
import { defineProgram } from '@slipway/programs';
import { applyManifests, type World, worldFactory } from '@slipway/simulator';

/** Lines that the program wrote, synced, and was told by nobody that they are lost. */
export interface Ledger {
  readonly acknowledged: string[];
  /** What the last run of the program found. */
  found: readonly string[];
}

/** Reads what is in its volume, then writes a line every second; a line counts once the disk has it. */
const ledgerKeeper = (ledger: Ledger) =>
  defineProgram({
    name: 'ledger-keeper',
    images: ['ledger-keeper'],
    *run({ files, hostname, sleep: pause }) {
      ledger.found = files.exists('/data/ledger') ? files.readText('/data/ledger').trim().split('\n') : [];
      for (let line = 0; ; line += 1) {
        const text = `${hostname} ${ledger.acknowledged.length} ${line}`;
        files.append('/data/ledger', `${text}\n`, { sync: true });
        ledger.acknowledged.push(text);
        yield* pause(seconds(1));
      }
    },
  });

const claim: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'ledger', namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

const keeper = (name: string, node: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    nodeSelector: { 'kubernetes.io/hostname': node },
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', image: 'ledger-keeper', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'ledger' } }],
  },
});

/** Where the power goes: at the first event of the trace from this one on; `undefined`: never. */
export interface Loss {
  readonly node: string;
  readonly event: number;
}

export interface Told {
  readonly world: World;
  readonly ledger: Ledger;
  /** Trace events that the story had. */
  readonly events: number;
  /** First and last event of the story itself, after the boot. */
  readonly from: number;
}

const FIRST = 'node-1';
const SECOND = 'node-2';

/**
 * A claim is provisioned, attached and mounted, a pod writes, the pod moves to another node and reads and writes there; then all goes.
 * A node may lose its power anywhere on the way; it comes back after two minutes.
 */
export function tell(loss?: Loss): Told {
  const ledger: Ledger = { acknowledged: [], found: [] };
  const world = worldFactory()({
    nodes: [FIRST, SECOND].map((name) => ({ name })),
    programs: [ledgerKeeper(ledger)],
    trace: { keep: false },
  });
  const { kernel, user, api } = world;
  kernel.complete(user, 'boot', applyManifests(world, [], [FIRST, SECOND]));
  const from = kernel.traceSequence;
  if (loss) loseAt(world, loss);
  const phase = (name: string): string => (world.server.peek('pods', 'default', name) as Pod | undefined)?.status?.phase ?? 'gone';
  const ready = (name: string): boolean =>
    findCondition((world.server.peek('pods', 'default', name) as Pod | undefined)?.status?.conditions, 'Ready')?.status === 'True';
  const until = (what: string, holds: () => boolean): void => {
    const end = kernel.now + minutes(30);
    while (!holds()) {
      if (kernel.now >= end)
        throw new Error(`waited 30 minutes of virtual time for: ${what}; first is ${phase('first')}, second is ${phase('second')}`);
      kernel.run({ until: kernel.now + seconds(1) });
    }
  };
  const act = (process: Process<unknown>): unknown => kernel.complete(user, 'act', process);
  act(api.persistentvolumeclaims.create(claim));
  act(api.pods.create(keeper('first', FIRST)));
  until('the first pod is ready', () => ready('first'));
  kernel.run({ until: kernel.now + seconds(5) });
  act(api.pods.delete({ namespace: 'default', name: 'first' }));
  until('the first pod is gone', () => phase('first') === 'gone');
  act(api.pods.create(keeper('second', SECOND)));
  until('the second pod is ready', () => ready('second'));
  kernel.run({ until: kernel.now + seconds(5) });
  const events = kernel.traceSequence;
  act(api.pods.delete({ namespace: 'default', name: 'second' }));
  until('the second pod is gone', () => phase('second') === 'gone');
  act(api.persistentvolumeclaims.delete({ namespace: 'default', name: 'ledger' }));
  until('the volume is gone', () => [...world.server.objects('persistentvolumes')].length === 0);
  kernel.run({ until: kernel.now + minutes(5) });
  world.invariants.atRest();
  return { world, ledger, events, from };
}

function loseAt({ kernel, nodes }: World, { node, event }: Loss): void {
  let lost = false;
  kernel.events.on('trace', () => {
    if (lost || kernel.traceSequence < event) return;
    lost = true;
    const operator = kernel.owner('operator');
    operator.spawn('power loss', powerCycle());
  });
  function* powerCycle(): Process {
    nodes.get(node)?.powerOff();
    yield* sleep(minutes(2));
    nodes.get(node)?.powerOn();
  }
}

/** What is left of the story in the cluster, its cloud and its machines: all of it would be a leak. */
export function leftovers({ server, nodes, kernel, cloud }: World): readonly string[] {
  const left: string[] = [];
  for (const resource of ['persistentvolumeclaims', 'persistentvolumes', 'volumeattachments'])
    for (const { kind, metadata } of server.objects(resource)) left.push(`${kind} ${metadata.name}`);
  const owner = kernel.owner('auditor');
  const { volumes } = kernel.complete(owner, 'audit', cloud.client(owner).describeVolumes({}));
  for (const { volumeId, state } of volumes) left.push(`cloud disk ${volumeId} ${state}`);
  for (const [name, { host }] of nodes) {
    for (const device of host.devices.keys()) left.push(`${name}: device ${device}`);
    for (const { target } of host.mounts.all()) if (target.includes('kubernetes.io')) left.push(`${name}: mount ${target}`);
  }
  return left;
}
