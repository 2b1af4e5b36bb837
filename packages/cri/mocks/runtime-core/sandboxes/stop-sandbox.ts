import { all, type Process } from '@slipway/kernel';
import { removeBundle } from '../containers/bundle-folder.ts';
import type { RuntimeCore } from '../core.ts';
import { deleteFromRuntime } from '../containers/exits.ts';
import { removeContainer } from '../containers/remove-container.ts';
import type { Sandbox } from './sandbox.ts';
import { awaitEnd, signal, stopContainer } from '../containers/stop-container.ts';

/**
 * Ends all containers and the sandbox's own process, then releases the network. May be repeated; each call tries again what failed.
 * Source: containerd, internal/cri/server/sandbox_stop.go; CRI-O, server/sandbox_stop_linux.go.
 */
export function* stopPodSandbox(core: RuntimeCore, sandbox: Sandbox): Process {
  const { flavour, store } = core;
  const containers = [...sandbox.containers.values()].filter(({ state }) => state === 'running' || state === 'unknown');
  yield* all(containers.map((container) => stopContainer(core, container, flavour.sandboxStopGrace)));
  if (sandbox.ready) store.changeSandbox(sandbox, { state: 'notReady' });
  const { process } = sandbox;
  if (process) {
    yield* signal(core, sandbox.id, 'SIGKILL');
    yield* awaitEnd(process);
  }
  yield* core.network.tearDown(sandbox);
}

/** Stops the sandbox once more, removes its containers, and forgets it. Source: containerd, internal/cri/server/sandbox_remove.go. */
export function* removePodSandbox(core: RuntimeCore, sandbox: Sandbox): Process {
  yield* stopPodSandbox(core, sandbox);
  for (const container of sandbox.containers.values()) yield* removeContainer(core, container);
  yield* deleteFromRuntime(core, sandbox.id);
  removeBundle(core, sandbox.id);
  core.events.tell('CONTAINER_DELETED_EVENT', sandbox.id, sandbox);
  core.store.removeSandbox(sandbox);
}
