import type { Process } from '@slipway/kernel';
import { removeBundle } from './bundle-folder.ts';
import type { Container } from './container.ts';
import type { RuntimeCore } from '../core.ts';
import { deleteFromRuntime } from './exits.ts';
import { stopContainer } from './stop-container.ts';

/** Forgets a container, killing it first if it runs. Its log stays: the kubelet removes it. Source: containerd, internal/cri/server/container_remove.go. */
export function* removeContainer(core: RuntimeCore, container: Container): Process {
  if (container.state === 'running' || container.state === 'unknown') yield* stopContainer(core, container, 0);
  if (container.inRuntime) container.inRuntime = !(yield* deleteFromRuntime(core, container.id));
  // Two removals may meet here; the second finds nothing left to do.
  if (core.store.containers.get(container.id) !== container) return;
  removeBundle(core, container.id);
  core.freeImage(container);
  core.store.removeContainer(container);
  core.events.tell('CONTAINER_DELETED_EVENT', container.id, container.sandbox);
}
