import { messageOf, type Process } from '@slipway/kernel';
import type { Container } from './container.ts';
import type { RuntimeCore } from '../core.ts';
import { createInRuntime } from './create-container.ts';
import { deleteFromRuntime } from './exits.ts';

/** Exit code of a container that could not be started. Source: containerd, internal/cri/server/container_start.go errorStartExitCode. */
const START_ERROR_EXIT_CODE = 128;

/** Starts a created container. Source: containerd, internal/cri/server/container_start.go; CRI-O, server/container_start.go. */
export function* startContainer(core: RuntimeCore, container: Container): Process {
  const { flavour, store, host, oci } = core;
  const { id, sandbox } = container;
  if (container.state !== 'created' || container.starting) throw flavour.words.notCreated(id, container.criState);
  if (!sandbox.ready) throw flavour.words.sandboxNotReady(sandbox.id);
  container.starting = true;
  try {
    if (flavour.ociCreateAt === 'start') yield* createInRuntime(core, container);
    const { process } = container;
    const startedAt = host.kernel.unixMicros;
    try {
      yield* oci.start({ id });
    } catch (error) {
      throw flavour.words.ociStart(id, messageOf(error));
    }
    store.changeContainer(container, { state: 'running', startedAt });
    core.events.tell('CONTAINER_STARTED_EVENT', id, sandbox);
    yield* core.watch(container, process);
  } catch (error) {
    container.inRuntime = !(yield* deleteFromRuntime(core, id));
    container.process = undefined;
    const now = host.kernel.unixMicros;
    store.changeContainer(container, {
      state: 'exited',
      startedAt: now,
      finishedAt: now,
      exitCode: START_ERROR_EXIT_CODE,
      reason: 'StartError',
      message: messageOf(error),
    });
    core.events.tell('CONTAINER_STOPPED_EVENT', id, sandbox);
    throw error;
  } finally {
    container.starting = false;
  }
}
