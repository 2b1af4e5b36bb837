import fc from 'fast-check';
import type { ClusterForm, NodesForm, PluginSetForm } from './forms.ts';
import { seldom, usually } from './sizes.ts';

export interface ClusterOptions {
  /** Left out: 3. */
  readonly maxNodes?: number;
  /** Whether the plugins are drawn too. Left out: false; the cluster has the usual ones. */
  readonly plugins?: boolean;
}

/** What has to fit on the machines. */
export interface Load {
  readonly pods: readonly PodLoad[];
  /** Whether a pod may be bound to one machine or zone, as volumes bind it: then each machine must hold all. */
  readonly bound: boolean;
}

/** Pods of one template. */
export interface PodLoad {
  /** How many at once; with those of an update that is under way. `each`: one on every node. */
  readonly count: number | 'each';
  readonly cpuMillis: number;
  readonly memoryMebibytes: number;
}

/** What is drawn of a cluster before it is known what runs on it. */
export interface ClusterShape {
  readonly nodes: number;
  readonly zones: readonly string[] | undefined;
  readonly tight: boolean;
  readonly named: boolean;
  readonly plugins: PluginSetForm | undefined;
}

/**
 * Built-in plugins that go together. Each is left out most of the time: then it is the usual one. The clouds of one set belong together,
 * since a driver of one cloud finds no machines in another.
 */
export function arbitraryPluginSet(): fc.Arbitrary<PluginSetForm> {
  const some = (names: readonly string[]): fc.Arbitrary<string | undefined> => usually<string | undefined>(undefined, ...names);
  return fc
    .record({
      cni: some(['bridge', 'flannel']),
      cri: some(['containerd', 'crio']),
      oci: some(['runc', 'crun']),
      csi: some(['ebs', 'efs']),
      smi: some(['none', 'linkerd']),
    })
    .map((drawn) => {
      const set: PluginSetForm = {};
      for (const [key, name] of Object.entries(drawn)) if (name !== undefined) set[key as keyof typeof drawn] = name;
      return set;
    });
}

export function arbitraryClusterShape({ maxNodes = 3, plugins = false }: ClusterOptions = {}): fc.Arbitrary<ClusterShape> {
  return fc.record({
    nodes: fc.integer({ min: 1, max: maxNodes }),
    zones: usually<readonly string[] | undefined>(undefined, ['a'], ['a', 'b'], ['a', 'b', 'c']),
    tight: fc.boolean(),
    named: seldom(6),
    plugins: plugins ? fc.option(arbitraryPluginSet(), { nil: undefined }) : fc.constant(undefined),
  });
}

/** A cluster as a scenario has it, on which nothing in particular has to fit: one to a few nodes, in one zone or in several. */
export function arbitraryCluster(options: ClusterOptions = {}): fc.Arbitrary<ClusterForm> {
  return arbitraryClusterShape(options).map((shape) => clusterOf(shape, NOTHING));
}

const NOTHING: Load = { pods: [], bound: false };
/** What the machines of a scenario have unless it says otherwise; small ones make the same bugs show sooner. */
const ROOMY = { cpu: '4', memory: '16Gi', pods: 110 };
/** Room for what a mesh puts beside each pod. */
const PROXY = { cpuMillis: 100, memoryMebibytes: 32 };

/** Names of the machines, as the simulator gives them. */
export function nodeNamesOf({ nodes, named }: ClusterShape): readonly string[] {
  if (nodes === 1 && named) return [LONGEST_NODE];
  return Array.from({ length: nodes }, (_, index) => `${named ? 'worker' : 'node'}-${index + 1}`);
}

/** A Node's name is the value of its label kubernetes.io/hostname, so it has 63 letters at most although subdomains may be longer. */
const LONGEST_NODE = 'n'.repeat(63);

/** The cluster, with room for the load: just enough when it is tight. */
export function clusterOf(shape: ClusterShape, load: Load): ClusterForm {
  const { nodes: count, zones, tight, named, plugins } = shape;
  const machines: NodesForm = { count, capacity: tight ? justEnough(count, load, plugins?.smi === 'linkerd') : { ...ROOMY } };
  if (named) machines.name = count === 1 ? LONGEST_NODE : 'worker';
  if (zones) machines.zones = [...zones];
  return { nodes: [machines], ...(plugins && Object.keys(plugins).length > 0 ? { plugins } : {}) };
}

/**
 * A pod finds no place only where every machine has less left than it asks for. So there is always one when all machines together have
 * what all pods ask for, and each of them the largest pod once more.
 */
function justEnough(nodes: number, { pods, bound }: Load, meshed: boolean): Record<string, string | number> {
  const more = meshed ? PROXY : { cpuMillis: 0, memoryMebibytes: 0 };
  const need = (ask: (pod: PodLoad) => number): number => {
    let [total, largest, each] = [0, 0, 0];
    for (const pod of pods) {
      const one = ask(pod);
      if (pod.count === 'each') each += one;
      else if (pod.count > 0) {
        total += pod.count * one;
        largest = Math.max(largest, one);
      }
    }
    if (nodes === 1 || bound) return each + total;
    return each + Math.ceil(total / nodes) + largest;
  };
  return {
    cpu: `${Math.max(
      100,
      need((pod) => pod.cpuMillis + more.cpuMillis),
    )}m`,
    memory: `${KEPT_MEBIBYTES + need((pod) => pod.memoryMebibytes + more.memoryMebibytes)}Mi`,
    // Beside those that are counted: what the cluster itself runs on each machine.
    pods: SYSTEM_PODS + need(() => 1),
  };
}

/** What a kubelet keeps back of its machine's memory. Source: pkg/kubelet/apis/config/v1beta1/defaults.go, memory.available<100Mi. */
const KEPT_MEBIBYTES = 100;
/** The agents of a network plugin, a storage driver and a mesh at most. */
const SYSTEM_PODS = 4;
