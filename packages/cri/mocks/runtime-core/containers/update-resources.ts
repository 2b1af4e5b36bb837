import type { Process } from '@slipway/kernel';
import type { LinuxContainerResources } from '../../../messages/index.ts';
import { resourcesOf } from './bundle.ts';
import type { Container } from './container.ts';
import type { RuntimeCore } from '../core.ts';

/** Changes a container's limits, first where they count and then in the record. Source: containerd, internal/cri/server/container_update_resources.go. */
export function* updateResources(core: RuntimeCore, container: Container, linux: LinuxContainerResources): Process {
  if (container.state === 'exited' || container.state === 'unknown') throw core.flavour.words.notRunning(container.id, container.criState);
  const given = resourcesOf(linux);
  if (given && container.inRuntime) yield* core.oci.update({ id: container.id, resources: given.resources });
  core.store.changeContainer(container, { resources: { ...container.progress.value.resources, ...linux } });
}
