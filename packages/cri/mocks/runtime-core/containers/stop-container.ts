import { codeOf, timeout, until, type Micros, type Process } from '@slipway/kernel';
import type { HostProcess } from '@slipway/host';
import type { Container } from './container.ts';
import type { RuntimeCore } from '../core.ts';
import { deleteFromRuntime } from './exits.ts';

/**
 * Ends a container: the stop signal (once, however often this is called), `grace`, then SIGKILL without limit. Source: containerd,
 * internal/cri/server/container_stop.go; CRI-O, server/container_stop.go.
 */
export function* stopContainer(core: RuntimeCore, container: Container, grace: Micros): Process {
  if (container.state === 'created') {
    if (core.flavour.stopsCreated && !container.starting) yield* endCreated(core, container);
    return;
  }
  if (container.state !== 'running' && container.state !== 'unknown') return;
  if (grace > 0) {
    if (!container.stopSignalled) {
      container.stopSignalled = true;
      yield* signal(core, container.id, container.record.stopSignal);
    }
    if (yield* endsWithin(container, grace)) return;
  }
  if (hasEnded(container)) return;
  yield* signal(core, container.id, 'SIGKILL');
  yield* untilExited(container);
}

/** Waits for the end of a process, which may have come already. */
export function* awaitEnd(process: HostProcess): Process {
  if (process.state !== 'exited') yield* until(process.exited);
}

/** Read anew after each wait. */
const hasEnded = (container: Container): boolean => container.state === 'exited';

function* endsWithin(container: Container, grace: Micros): Process<boolean> {
  if (hasEnded(container)) return true;
  try {
    yield* timeout(untilExited(container), grace);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'DEADLINE_EXCEEDED') throw error;
    return false;
  }
}

function* untilExited(container: Container): Process {
  while (!hasEnded(container)) yield* until(container.progress);
}

/** Sends a signal. A container that ended a moment ago takes no signal, which is what was wanted. */
export function* signal(core: RuntimeCore, id: string, name: string): Process {
  try {
    yield* core.oci.kill({ id, signal: name });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'SIGNAL_INVALID') yield* core.oci.kill({ id, signal: 'SIGTERM' });
    else if (code !== 'NOT_RUNNING' && code !== 'UNKNOWN_CONTAINER') throw error;
  }
}

/** CRI-O has a process waiting for its start, which a stop ends. */
function* endCreated(core: RuntimeCore, container: Container): Process {
  container.inRuntime = !(yield* deleteFromRuntime(core, container.id));
  container.process = undefined;
  core.store.changeContainer(container, { state: 'exited', finishedAt: core.host.kernel.unixMicros, exitCode: 137, reason: 'Error' });
  core.events.tell('CONTAINER_STOPPED_EVENT', container.id, container.sandbox);
}
