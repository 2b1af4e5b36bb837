import type { ContainerState } from '@slipway/cri';
import type { CriSubject } from '@slipway/cri/conformance';
import { must } from '@slipway/kernel';
import fc from 'fast-check';
import { containerConfigOf, CriModel, type ModelSandbox, sandboxConfigOf } from './cri-model.ts';
import { assertHistories, type HistoryOptions, type ModelCommand, modelCommand } from './model-run.ts';
import { mustRefuse } from './refusal.ts';

export type CriCommand = ModelCommand<CriModel, CriSubject>;

export interface CriCommandOptions {
  /** Left out: 2. */
  readonly pods?: number;
  /** Containers of each pod. Left out: 2. */
  readonly containers?: number;
  /** An image that the subject's registry serves. Left out: busybox of Kubernetes' own tests. */
  readonly image?: string;
}

const BUSYBOX = 'registry.k8s.io/e2e-test-images/busybox:1.29-2';
/** A container that was stopped before it ran: runtimes differ in whether it has ended. */
const NEVER_RAN: readonly ContainerState[] = ['CONTAINER_CREATED', 'CONTAINER_EXITED'];

/** Histories of a container runtime: sandboxes and containers made, started, stopped and removed in any order, and the runtime restarted. */
export function criCommands(
  maxCommands = 40,
  { pods = 2, containers = 2, image = BUSYBOX }: CriCommandOptions = {},
): fc.Arbitrary<Iterable<CriCommand>> {
  const pod = fc.nat({ max: pods - 1 }).map((number) => `pod-${number}`);
  const slot = fc.record({ pod, name: fc.nat({ max: containers - 1 }).map((number) => `container-${number}`) });
  const kinds: fc.Arbitrary<CriCommand>[] = [
    pod.map(runPodSandbox),
    pod.map(runPodSandbox),
    pod.map(stopPodSandbox),
    pod.map(removePodSandbox),
    slot.map((where) => createContainer(where, image)),
    slot.map((where) => createContainer(where, image)),
    slot.map(startContainer),
    fc.tuple(slot, fc.nat({ max: 1 })).map(([where, timeout]) => stopContainer(where, timeout)),
    slot.map(removeContainer),
    fc.constant(restart()),
  ];
  return fc.commands<CriModel, CriSubject, false>(kinds, { maxCommands, size: 'max' });
}

/** Tries many histories, each on a fresh runtime. @param connect a runtime with network and registry, such as `criSubject` makes */
export function assertCriHistories(
  connect: () => CriSubject | Promise<CriSubject>,
  options: HistoryOptions & CriCommandOptions = {},
): Promise<void> {
  const { pods = 2, containers = 2, image = BUSYBOX, ...rest } = options;
  return assertHistories(
    (maxCommands) => criCommands(maxCommands, { pods, containers, image }),
    (subject) => new CriModel(subject),
    connect,
    rest,
  );
}

interface Slot {
  readonly pod: string;
  readonly name: string;
}

/** A step after which the lists must show what the model says. */
function step(title: string, act: CriCommand['run'], makesSense?: CriCommand['check']): CriCommand {
  const whole = async (model: CriModel, subject: CriSubject): Promise<void> => {
    await act(model, subject);
    await model.verify({ runtime: subject.runtime, settle: (process) => subject.settle(process) });
  };
  return modelCommand(title, whole, makesSense as ((model: Readonly<CriModel>) => boolean) | undefined);
}

/** Refused while the pod has a sandbox. */
function runPodSandbox(pod: string): CriCommand {
  return step(`runPodSandbox ${pod}`, async (model, subject) => {
    const config = sandboxConfigOf(pod);
    const attempt = subject.settle(subject.runtime.runPodSandbox({ config }));
    if (model.sandboxes.has(pod)) return mustRefuse(attempt, `a second sandbox of ${pod}`);
    const { podSandboxId: id } = await attempt;
    must(model.removedSandboxes.get(pod) !== id, `the id ${id} is new`);
    model.sandboxes.set(pod, { id, config, ready: true, containers: new Map() });
  });
}

/** Succeeds always, also for one that was removed. */
function stopPodSandbox(pod: string): CriCommand {
  return step(
    `stopPodSandbox ${pod}`,
    async (model, subject) => {
      await subject.settle(subject.runtime.stopPodSandbox({ podSandboxId: model.sandboxId(pod) ?? '' }));
      const sandbox = model.sandboxes.get(pod);
      if (!sandbox) return;
      sandbox.ready = false;
      for (const container of sandbox.containers.values()) container.states = stopped(container.states);
    },
    (model) => model.sandboxId(pod) !== undefined,
  );
}

/** Succeeds always, and takes the containers along. */
function removePodSandbox(pod: string): CriCommand {
  return step(
    `removePodSandbox ${pod}`,
    async (model, subject) => {
      await subject.settle(subject.runtime.removePodSandbox({ podSandboxId: model.sandboxId(pod) ?? '' }));
      const sandbox = model.sandboxes.get(pod);
      if (!sandbox) return;
      for (const [name, { id }] of sandbox.containers) model.removedContainers.set(`${pod}/${name}`, id);
      model.removedSandboxes.set(pod, sandbox.id);
      model.sandboxes.delete(pod);
    },
    (model) => model.sandboxId(pod) !== undefined,
  );
}

/** Refused in a sandbox that is not ready, and while the name is taken. */
function createContainer({ pod, name }: Slot, image: string): CriCommand {
  return step(
    `createContainer ${pod}/${name}`,
    async (model, subject) => {
      const sandbox = model.sandboxes.get(pod) as ModelSandbox;
      await subject.settle(subject.image.pullImage({ image: { image } }));
      const config = containerConfigOf(name, image);
      const request = { podSandboxId: sandbox.id, config, sandboxConfig: sandbox.config };
      const attempt = subject.settle(subject.runtime.createContainer(request));
      if (!sandbox.ready) return mustRefuse(attempt, `a container in the stopped sandbox of ${pod}`);
      if (sandbox.containers.has(name)) return mustRefuse(attempt, `a second container ${pod}/${name}`);
      const { containerId: id } = await attempt;
      must(model.removedContainers.get(`${pod}/${name}`) !== id, `the id ${id} is new`);
      sandbox.containers.set(name, { id, states: ['CONTAINER_CREATED'] });
    },
    ({ sandboxes }) => sandboxes.has(pod),
  );
}

/** Refused for all but a created container in a ready sandbox. */
function startContainer({ pod, name }: Slot): CriCommand {
  return step(
    `startContainer ${pod}/${name}`,
    async (model, subject) => {
      const container = model.container(pod, name);
      const attempt = subject.settle(subject.runtime.startContainer({ containerId: model.containerId(pod, name) ?? '' }));
      if (!container) return mustRefuse(attempt, `the start of ${pod}/${name}, which was removed,`);
      if (!container.states.includes('CONTAINER_CREATED')) return mustRefuse(attempt, `the start of ${pod}/${name} once it has run`);
      if (model.sandboxes.get(pod)?.ready) {
        await attempt;
        container.states = ['CONTAINER_RUNNING'];
      } else {
        await mustRefuse(attempt, `the start of ${pod}/${name} in a stopped sandbox`);
        container.states = NEVER_RAN;
      }
    },
    // One that was stopped before it ran starts in one runtime and not in another.
    (model) => model.containerId(pod, name) !== undefined && model.container(pod, name)?.states.length !== NEVER_RAN.length,
  );
}

/** Succeeds always, also for one that was removed. */
function stopContainer({ pod, name }: Slot, timeout: number): CriCommand {
  return step(
    `stopContainer ${pod}/${name} within ${timeout} s`,
    async (model, subject) => {
      await subject.settle(subject.runtime.stopContainer({ containerId: model.containerId(pod, name) ?? '', timeout }));
      const container = model.container(pod, name);
      if (container) container.states = stopped(container.states);
    },
    (model) => model.containerId(pod, name) !== undefined,
  );
}

/** Succeeds always, and ends it by force when it runs. */
function removeContainer({ pod, name }: Slot): CriCommand {
  return step(
    `removeContainer ${pod}/${name}`,
    async (model, subject) => {
      const id = model.containerId(pod, name) ?? '';
      await subject.settle(subject.runtime.removeContainer({ containerId: id }));
      if (model.sandboxes.get(pod)?.containers.delete(name)) model.removedContainers.set(`${pod}/${name}`, id);
    },
    (model) => model.containerId(pod, name) !== undefined,
  );
}

/** The runtime ends and comes back; nothing else changes. */
function restart(): CriCommand {
  return step(
    'restart the runtime',
    async (_model, subject) => subject.restart?.(),
    ({ canRestart }) => canRestart,
  );
}

function stopped(states: readonly ContainerState[]): readonly ContainerState[] {
  return states.includes('CONTAINER_CREATED') ? NEVER_RAN : ['CONTAINER_EXITED'];
}
