import type { Scalar, TraceRecord } from '@slipway/kernel';
import type { Cast } from './subject.ts';
import { bytes, shorten } from './wording.ts';

/** How a call is described: what it is about, and what came of it. */
export interface Outcome {
  readonly about: string;
  readonly outcome: string;
}

type Words = (request: Loose, answer: Loose, call: TraceRecord, cast: Cast) => { readonly about?: string; readonly outcome?: string };

/** Requests and answers of any contract, a visitor's too: read with care. */
type Loose = { readonly [key: string]: Loose | undefined } & { readonly length?: number };

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const container = (id: unknown, cast: Cast): string => cast.containers.get(text(id)) ?? 'the sandbox';
const named: Words = (request, _answer, _call, cast) => ({ about: container(request['containerId'] ?? request['id'], cast) });
const image: Words = (request) => ({ about: text(request['image']?.['image']) });
const blob: Words = (request, answer) => ({
  about: text(request['name']),
  ...(answer['content']?.length === undefined ? {} : { outcome: `${bytes(number(answer['size'] ?? answer['content'].length))}` }),
});

const WORDS: Readonly<Record<string, Words>> = {
  'cri.RuntimeService/RunPodSandbox': (_request, answer) => ({ outcome: `sandbox ${text(answer['podSandboxId'])}` }),
  'cri.RuntimeService/PodSandboxStatus': (_request, answer) => {
    const ip = text(answer['status']?.['network']?.['ip']);
    return {
      outcome: `${text(answer['status']?.['state']) === 'SANDBOX_READY' ? 'ready' : 'not ready'}${ip === '' ? '' : `, address ${ip}`}`,
    };
  },
  'cri.RuntimeService/CreateContainer': (request, answer) => {
    const { name, attempt } = (request['config']?.['metadata'] ?? {}) as { name?: string; attempt?: number };
    return { about: `${name}${attempt ? `, attempt ${attempt}` : ''}`, outcome: `container ${text(answer['containerId'])}` };
  },
  'cri.RuntimeService/ContainerStatus': (request, answer, _call, cast) => {
    const status = (answer['status'] ?? {}) as { state?: string; exitCode?: number; reason?: string };
    const state = (status.state ?? '').replace('CONTAINER_', '').toLowerCase();
    const how = state === 'exited' ? `, code ${status.exitCode}${status.reason ? ` (${status.reason})` : ''}` : '';
    return { about: container(request['containerId'], cast), outcome: `${state}${how}` };
  },
  'cri.RuntimeService/StartContainer': named,
  'cri.RuntimeService/StopContainer': named,
  'cri.RuntimeService/RemoveContainer': named,
  'cri.RuntimeService/ExecSync': named,
  'oci.Runtime/Create': (request, answer, _call, cast) => ({
    about: container(request['id'], cast),
    outcome: `process ${number(answer['pid'])}`,
  }),
  'oci.Runtime/Start': named,
  'oci.Runtime/Kill': (request, _answer, _call, cast) => ({
    about: `${container(request['id'], cast)}${request['signal'] ? `, ${text(request['signal'])}` : ''}`,
  }),
  'oci.Runtime/Delete': named,
  'cri.ImageService/ImageStatus': (request, answer) => ({
    about: text(request['image']?.['image']),
    outcome: answer['image'] ? 'present' : 'not present',
  }),
  'cri.ImageService/PullImage': image,
  'cri.ImageService/RemoveImage': image,
  'oci.Distribution/GetManifest': (request) => ({ about: `${text(request['name'])} ${text(request['reference'])}` }),
  'oci.Distribution/GetBlob': blob,
  'cni.Plugin/Add': (request, answer) => {
    const addresses = (answer['ips'] ?? []) as unknown as readonly { address?: string }[];
    const list = addresses.map(({ address }) => address).join(', ');
    return { about: text(request['config']?.['type']), outcome: list === '' ? 'ok' : `${text(request['ifname'])} has ${list}` };
  },
  'cni.Plugin/Del': (request) => ({ about: text(request['config']?.['type']), outcome: 'ok' }),
  'csi.Controller/CreateVolume': (_request, answer) => {
    const { volumeId, capacityBytes } = (answer['volume'] ?? {}) as { volumeId?: string; capacityBytes?: number };
    return { outcome: `${volumeId}, ${bytes(capacityBytes ?? 0)}` };
  },
  'smi.Mesh/Inject': (_request, answer) => ({ outcome: answer['pod'] ? 'the pod gets a proxy' : 'the pod stays as it is' }),
  'smi.Mesh/Authorise': (request, answer) => ({
    about: `port ${number(request['port'])}`,
    outcome: (answer as { allowed?: unknown }).allowed === true ? 'allowed' : 'denied',
  }),
  'cloud.CloudApi/DescribeInstances': (_request, answer) => ({ outcome: found(answer['instances'], 'machine') }),
  'cloud.CloudApi/DescribeLoadBalancers': (_request, answer) => ({ outcome: found(answer['loadBalancers'], 'balancer') }),
  'cloud.CloudApi/DescribeVolumes': (_request, answer) => {
    const volumes = (answer['volumes'] ?? []) as unknown as readonly {
      volumeId?: string;
      state?: string;
      attachments?: readonly { state?: string }[];
    }[];
    const [only] = volumes;
    if (!only || volumes.length > 1) return { outcome: `${volumes.length === 0 ? 'no' : volumes.length} disks` };
    const attached = only.attachments?.[0]?.state;
    return { outcome: `${only.volumeId} ${only.state}${attached === undefined ? '' : `, ${attached}`}` };
  },
  'cloud.CloudApi/AttachVolume': (_request, answer) => ({ outcome: `${text(answer['state'])} as ${text(answer['device'])}` }),
};

const found = (list: unknown, noun: string): string => {
  const count = Array.isArray(list) ? list.length : 0;
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
};

/** In a plugin's own words where it failed, in ours where we have some, else the summary of the trace. */
export function outcomeOf(call: TraceRecord, answer: TraceRecord | undefined, cast: Cast): Outcome {
  const failed = answer !== undefined && answer.data[0] !== 'OK';
  const request = (call.full ?? {}) as Loose;
  const words = WORDS[call.name]?.(request, failed ? {} : ((answer?.full ?? {}) as Loose), call, cast) ?? {};
  const about = shorten(words.about ?? '');
  if (!answer) return { about, outcome: 'no answer' };
  if (failed) {
    const message = (answer.full as { message?: unknown } | undefined)?.message;
    return {
      about,
      outcome: shorten(typeof message === 'string' && message !== '' ? `${answer.data[0]}: ${message}` : String(answer.data[0])),
    };
  }
  if (words.outcome !== undefined) return { about, outcome: shorten(words.outcome) };
  const rest = shorten(
    answer.data
      .slice(1)
      .filter((value: Scalar) => value !== '')
      .join(' '),
  );
  return { about, outcome: rest === '' || about.endsWith(` ${rest}`) ? 'ok' : rest };
}
