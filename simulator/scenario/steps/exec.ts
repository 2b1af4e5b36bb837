import { type ExecSyncResponse, runtimeService } from '@slipway/cri';
import { decodeUtf8 } from '@slipway/host';
import { link, type Process } from '@slipway/kernel';
import { isTerminal, type Pod, type Stored } from '@slipway/kube';
import { resolvePod } from '../references.ts';
import type { StepDocument } from '../schema.ts';
import { machineOf } from './machines.ts';
import { StepError } from './step-error.ts';
import type { StepContext, StepKind } from './step-kind.ts';

type ExecDocument = NonNullable<StepDocument['exec']>;

/** From kubectl by way of the API server and the kubelet to the runtime: three hops of a network and a socket. */
const LATENCY = { '*': '2ms' };
/** Of a failed command's output so much is kept. */
const SHOWN = 400;

/** As kubectl exec. */
export const execStep: StepKind<ExecDocument> = {
  check({ pod, command }, checker) {
    if (typeof pod !== 'string') checker.object(['pod', 'podOf'], pod.podOf);
    else if (/^(deployments?|deploy|statefulsets?|sts|daemonsets?|ds|replicasets?|rs|jobs?|services?|svc)\//i.test(pod))
      checker.problem(['pod'], `"${pod}" is no pod`, `write { podOf: ${pod} }`);
    if (typeof command === 'string' ? command.trim() === '' : (command[0] ?? '').trim() === '')
      checker.problem(
        ['command'],
        'names no program',
        'write for example "command: [cat, /data/out]" or "command: echo hello > /data/out"',
      );
  },
  subject({ pod }, { cluster, variables }) {
    const { namespace, name } = resolvePod(pod, cluster, variables);
    return `${namespace}/${name}`;
  },
  *perform(document, context) {
    const { cluster, variables } = context;
    const pod = yield* cluster.api.pods.get(resolvePod(document.pod, cluster, variables));
    const container = containerOf(pod, document.container);
    const command = typeof document.command === 'string' ? ['sh', '-c', document.command] : document.command;
    const { exitCode, stdout, stderr } = yield* run(pod, container, command, context);
    if (exitCode === 0) return pod.metadata.name;
    const output = `${decodeUtf8(stdout)}${decodeUtf8(stderr)}`.trim();
    const shown = output.length > SHOWN ? `${output.slice(0, SHOWN)}…` : output;
    throw new StepError(`command terminated with exit code ${exitCode}${shown === '' ? '' : `: ${shown}`}`);
  },
};

/** The container that is meant. Source: `staging/src/k8s.io/kubectl/pkg/cmd/util/podcmd/podcmd.go`, FindOrDefaultContainerByName. */
function containerOf({ metadata, spec }: Stored<Pod>, asked: string | undefined): string {
  const all = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
  const marked = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const name = asked ?? (marked !== undefined && all.includes(marked) ? marked : all[0]);
  if (name === undefined || !all.includes(name))
    throw new StepError(`container ${name} is not valid for pod ${metadata.name}`, `it has ${all.join(', ')}`);
  return name;
}

/**
 * Runs the command through the runtime of the pod's node. The real way is the API server's connection to the kubelet, and from there a
 * stream of CRI `Exec`; here one call of `ExecSync` goes the whole way and answers once with all the output. It comes from the API
 * server, so that whatever cuts that off from the node cuts this too.
 */
function* run(pod: Stored<Pod>, container: string, command: readonly string[], context: StepContext): Process<ExecSyncResponse> {
  const { metadata, spec, status } = pod;
  const { server } = context.cluster;
  if ((spec.nodeName ?? '') === '') throw new StepError(`pod ${metadata.name} does not have a host assigned`);
  if (isTerminal(pod)) throw new StepError(`cannot exec into a container in a completed pod; current phase is ${status?.phase}`);
  const { host, cri } = machineOf(spec.nodeName ?? '', context);
  if (!host.on || !cri) throw new StepError(`error dialing backend: node ${spec.nodeName} does not answer`);
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const found = statuses.find(({ name }) => name === container);
  const containerId = found?.containerID?.replace(/^[^:]*:\/\//, '');
  if (containerId === undefined || !found?.state?.running)
    throw new StepError(`container not found ("${container}")`, 'give it time to start: a later "at"');
  const connection = server.owner.child(`${server.owner.name}/exec`);
  try {
    const runtime = link(cri.runtime, { service: runtimeService, from: connection, to: host.owner, latency: LATENCY });
    return yield* runtime.execSync({ containerId, cmd: command, timeout: 0 });
  } finally {
    connection.stop();
  }
}
