import type { ContainerConfig, ContainerState, PodSandboxConfig } from '@slipway/cri';
import type { CriSubject } from '@slipway/cri/conformance';
import { must } from '@slipway/kernel';

export interface ModelContainer {
  readonly id: string;
  /** More than one where the spec leaves it open. */
  states: readonly ContainerState[];
}

export interface ModelSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  ready: boolean;
  readonly containers: Map<string, ModelContainer>;
}

/** What a runtime has to hold: sandboxes by pod, containers by name, and the ids of what was removed. */
export class CriModel {
  readonly sandboxes = new Map<string, ModelSandbox>();
  readonly removedSandboxes = new Map<string, string>();
  readonly removedContainers = new Map<string, string>();
  readonly canRestart: boolean;

  constructor(subject: CriSubject) {
    this.canRestart = subject.restart !== undefined;
  }

  container(pod: string, name: string): ModelContainer | undefined {
    return this.sandboxes.get(pod)?.containers.get(name);
  }

  /** The id of the pod's sandbox, or of the one that it had. */
  sandboxId(pod: string): string | undefined {
    return this.sandboxes.get(pod)?.id ?? this.removedSandboxes.get(pod);
  }

  containerId(pod: string, name: string): string | undefined {
    return this.container(pod, name)?.id ?? this.removedContainers.get(`${pod}/${name}`);
  }

  /** What holds after every step: the lists show what there is, in the state that it is in, and nothing else. */
  async verify({ runtime, settle }: Pick<CriSubject, 'runtime' | 'settle'>): Promise<void> {
    const { items } = await settle(runtime.listPodSandbox({}));
    const { containers } = await settle(runtime.listContainers({}));
    const sandboxes = new Map(items.map((item) => [item.id, item.state]));
    const states = new Map(containers.map((container) => [container.id, container]));
    let count = 0;
    for (const [pod, sandbox] of this.sandboxes) {
      const state = sandboxes.get(sandbox.id);
      const wanted = sandbox.ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY';
      must(state === wanted, `the sandbox of ${pod} is ${wanted}, not ${state ?? 'missing'}`);
      for (const [name, { id, states: allowed }] of sandbox.containers) {
        count += 1;
        const shown = states.get(id);
        must(shown?.podSandboxId === sandbox.id, `container ${pod}/${name} is listed with its sandbox`);
        must(allowed.includes(shown.state), `container ${pod}/${name} is ${allowed.join(' or ')}, not ${shown.state}`);
      }
    }
    must(items.length === this.sandboxes.size, `${this.sandboxes.size} sandboxes are listed, not ${items.length}`);
    must(containers.length === count, `${count} containers are listed, not ${containers.length}`);
  }
}

/** The configuration of a pod's sandbox: always the same, so that its name is taken while there is one. */
export function sandboxConfigOf(pod: string): PodSandboxConfig {
  return { metadata: { name: pod, namespace: 'default', uid: `uid-of-${pod}` }, hostname: pod, logDirectory: `/var/log/pods/${pod}` };
}

/** A container that runs until it is stopped. */
export function containerConfigOf(name: string, image: string): ContainerConfig {
  return { metadata: { name }, image: { image }, command: ['sleep', '1000000'], logPath: `${name}/0.log` };
}
