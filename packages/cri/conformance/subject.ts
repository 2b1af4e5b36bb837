import { must, type Client, type ConformanceCase, type Process } from '@slipway/kernel';
import { codeOf } from '@slipway/kernel';
import type { ImageService, RuntimeService } from '../contract.ts';
import type { ContainerConfig, PodSandboxConfig } from '../messages/index.ts';

/** What a runtime offers to be tried. Each `connect` gives a fresh one, on a machine with a working pod network and registry. */
export interface CriSubject {
  readonly runtime: Client<RuntimeService>;
  readonly image: Client<ImageService>;
  /** Runs a process of the world to its end. */
  settle<T>(process: Process<T>): Promise<T>;
  /** Text of a file on the node; left out: cases about log files are skipped. */
  readFile?(path: string): string;
  /** Moves a file on the node. */
  moveFile?(from: string, to: string): void;
  /** Ends the runtime and starts it anew; containers go on. Left out: such cases are skipped. */
  restart?(): void;
  /** Power goes and comes back, with the disk. Left out: such cases are skipped. */
  reboot?(): void;
}

export type CriCase = ConformanceCase<CriSubject>;

/** Steps of a case, in virtual time. Returns why the case does not apply, if it does not. */
export type Story = (cri: CriSubject) => Process<void | string>;

/** @param source RPC of api.proto, and critest's case where there is one */
export function criCase(id: string, title: string, source: string, story: Story): CriCase {
  return {
    id: `cri.${id}`,
    title,
    source,
    async run(connect) {
      const subject = await connect();
      const skipped = await subject.settle(story(subject));
      return typeof skipped === 'string' ? { skipped } : undefined;
    },
  };
}

/** An image that the cases use; any registry that serves it will do. It has to have `sh`, `echo` and `sleep`. */
export const busybox = 'registry.k8s.io/e2e-test-images/busybox:1.29-2';

export function podConfig(name: string, more: Partial<PodSandboxConfig> = {}): PodSandboxConfig {
  return {
    metadata: { name, namespace: 'conformance', uid: `uid-of-${name}` },
    hostname: name,
    logDirectory: `/var/log/pods/${name}`,
    ...more,
  };
}

export function containerConfig(name: string, command: readonly string[], more: Partial<ContainerConfig> = {}): ContainerConfig {
  return { metadata: { name }, image: { image: busybox }, command, logPath: `${name}/0.log`, ...more };
}

/** A command that runs until it is stopped. */
export const forever = ['sleep', '1000000'] as const;

/** Runs a sandbox and returns its id. */
export function* runPod({ runtime }: CriSubject, config: PodSandboxConfig): Process<string> {
  return (yield* runtime.runPodSandbox({ config })).podSandboxId;
}

/** Pulls the image, makes a container in a sandbox, and returns its id. */
export function* makeContainer(
  { runtime, image }: CriSubject,
  podSandboxId: string,
  sandboxConfig: PodSandboxConfig,
  config: ContainerConfig,
): Process<string> {
  yield* image.pullImage({ image: config.image });
  return (yield* runtime.createContainer({ podSandboxId, config, sandboxConfig })).containerId;
}

/** The same, and starts it. */
export function* runContainer(
  cri: CriSubject,
  podSandboxId: string,
  sandboxConfig: PodSandboxConfig,
  config: ContainerConfig,
): Process<string> {
  const containerId = yield* makeContainer(cri, podSandboxId, sandboxConfig, config);
  yield* cri.runtime.startContainer({ containerId });
  return containerId;
}

/** Asserts that a call fails, and returns its code. */
export function* mustFail(call: Process<unknown>, truth: string): Process<string> {
  try {
    yield* call;
  } catch (error) {
    return codeOf(error);
  }
  must(false, truth);
}
