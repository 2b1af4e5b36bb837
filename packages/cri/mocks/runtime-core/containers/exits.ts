import { codeOf, until, type Process } from '@slipway/kernel';
import type { HostProcess } from '@slipway/host';
import type { Container } from './container.ts';
import type { RuntimeCore } from '../core.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';

// What a shim does: it is the parent of a container's process and hears of its end from the kernel. Source: containerd,
// internal/cri/server/events.go handleContainerExit; CRI-O: conmon and its exit files.

/** Waits for the end of a container's process and writes it down. */
export function* watchContainer(core: RuntimeCore, container: Container, process: HostProcess): Process {
  if (process.state !== 'exited') yield* until(process.exited);
  yield* ended(core, container, process.exitCode ?? 255, process.oomKilled, endOf(core, process));
}

/** The same for an OCI runtime whose containers are no processes of this host: it has to say when they end. */
export function* watchEvents(core: RuntimeCore, container: Container): Process {
  const events = yield* core.oci.events({ id: container.id });
  let oomKilled = false;
  for (;;) {
    const batch = yield* events.take();
    if (batch.length === 0) return;
    for (const event of batch) {
      if (event.type === 'oom') oomKilled = true;
      else {
        yield* ended(core, container, event.exitCode, oomKilled, core.host.kernel.unixMicros);
        events.cancel();
        return;
      }
    }
  }
}

function* ended(core: RuntimeCore, container: Container, exitCode: number, oomKilled: boolean, finishedAt: number): Process {
  // Cleaned up before anybody is told, so that who hears of the end finds nothing of the container left in the OCI runtime.
  container.inRuntime = !(yield* deleteFromRuntime(core, container.id));
  container.process = undefined;
  core.store.changeContainer(container, {
    state: 'exited',
    finishedAt,
    exitCode,
    reason: oomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error',
  });
  core.events.tell('CONTAINER_STOPPED_EVENT', container.id, container.sandbox);
}

/** Waits for the end of a sandbox's own process: the sandbox is then ready no more. */
export function* watchSandbox(core: RuntimeCore, sandbox: Sandbox, process: HostProcess): Process {
  if (process.state !== 'exited') yield* until(process.exited);
  yield* deleteFromRuntime(core, sandbox.id);
  sandbox.process = undefined;
  if (!sandbox.ready) return;
  core.store.changeSandbox(sandbox, { state: 'notReady' });
  core.events.tell('CONTAINER_STOPPED_EVENT', sandbox.id, sandbox);
}

/** Has the OCI runtime forget a container. Returns false when it could not now: whoever removes the container asks again. */
export function* deleteFromRuntime(core: RuntimeCore, id: string): Process<boolean> {
  try {
    yield* core.oci.delete({ id, force: true });
    return true;
  } catch (error) {
    return codeOf(error) === 'UNKNOWN_CONTAINER';
  }
}

function endOf({ host }: RuntimeCore, { finishedAt }: HostProcess): number {
  return finishedAt === undefined ? host.kernel.unixMicros : host.kernel.epoch + finishedAt;
}
