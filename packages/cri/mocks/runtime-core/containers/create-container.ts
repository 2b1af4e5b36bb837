import { messageOf, type Process } from '@slipway/kernel';
import { normalPath } from '@slipway/host';
import { CriError } from '../../../errors.ts';
import type { ContainerConfig, CreateContainerRequest, CreateContainerResponse } from '../../../messages/index.ts';
import { containerSpec } from './bundle.ts';
import { bundleOf, dropConfig, removeBundle, writeBundle } from './bundle-folder.ts';
import { Container, keptConfig } from './container.ts';
import type { RuntimeCore } from '../core.ts';
import { deleteFromRuntime } from './exits.ts';

/** Makes a container in a ready sandbox. Source: containerd, internal/cri/server/container_create.go; CRI-O, server/container_create.go. */
export function* createContainer(
  core: RuntimeCore,
  { podSandboxId, config, sandboxConfig }: CreateContainerRequest,
): Process<CreateContainerResponse> {
  const { flavour, store, host, images } = core;
  const sandbox = store.sandbox(podSandboxId);
  if (!sandbox) throw flavour.words.noSandboxForContainer(podSandboxId);
  if (!sandbox.ready) throw flavour.words.sandboxNotReady(sandbox.id);
  checkConfig(config);
  const id = core.newId();
  const name = flavour.containerName(sandbox.config.metadata, config.metadata);
  const holder = store.reserve(name, id);
  if (holder !== undefined) throw flavour.words.containerNameTaken(name, id, holder);
  let isMade = false;
  try {
    const image = images.find(config.image.image);
    if (!image) throw flavour.words.imageNotPresent(config.image.image);
    const directory = sandboxConfig.logDirectory ?? sandbox.config.logDirectory ?? '';
    const logPath = directory !== '' && config.logPath ? normalPath(`${directory}/${config.logPath}`) : '';
    const resources = config.linux?.resources;
    const container = new Container(
      {
        id,
        sandboxId: sandbox.id,
        config: keptConfig(config),
        imageId: flavour.imageId(image.digest),
        imageRef: image.repoDigests[0] ?? flavour.imageId(image.digest),
        stopSignal: stopSignalOf(config, image.config.StopSignal),
        logPath,
        createdAt: host.kernel.unixMicros,
      },
      sandbox,
      { state: 'created', startedAt: 0, finishedAt: 0, exitCode: 0, reason: '', message: '', ...(resources ? { resources } : {}) },
      store.logFileOf(logPath),
    );
    container.spec = containerSpec(flavour, sandbox, id, config, image);
    writeBundle(core, id, container.spec);
    if (flavour.ociCreateAt === 'create') yield* createInRuntime(core, container);
    isMade = container.inRuntime;
    store.addContainer(container);
    core.useImage(container);
    core.events.tell('CONTAINER_CREATED_EVENT', id, sandbox);
    return { containerId: id };
  } catch (error) {
    // What could not be written down must not be in the runtime: nobody would remove it.
    if (isMade) yield* deleteFromRuntime(core, id);
    removeBundle(core, id);
    store.release(name, id);
    throw error;
  }
}

/** Has the OCI runtime make the container. On failure nothing of it is left there. */
export function* createInRuntime(core: RuntimeCore, container: Container): Process {
  const { id, log, record, spec } = container;
  try {
    log?.open();
    const { pid } = yield* core.oci.create({
      id,
      bundle: bundleOf(core, id),
      ...(spec ? { spec } : {}),
      ...(log ? { stdio: stdioOf(log, record.config.tty ?? false) } : {}),
    });
    container.process = core.host.processes.get(pid);
    container.inRuntime = true;
    container.spec = undefined;
    dropConfig(core, id);
  } catch (error) {
    yield* deleteFromRuntime(core, id);
    throw core.flavour.words.ociCreate(id, messageOf(error));
  }
}

/** A terminal has one output only. */
const stdioOf = (log: NonNullable<Container['log']>, tty: boolean) => ({
  stdout: (line: string) => log.write('stdout', line),
  stderr: (line: string) => log.write(tty ? 'stdout' : 'stderr', line),
});

/** What upstream runtimes refuse of a configuration. Sources: containerd, container_create.go and spec_linux; api.proto `Mount`. */
function checkConfig({ linux, mounts = [] }: ContainerConfig): void {
  const security = linux?.securityContext;
  if (security?.runAsGroup && !security.runAsUser && !security.runAsUsername)
    throw new CriError('INVALID_ARGUMENT', 'user group is specified without user');
  for (const { containerPath, readonly = false, recursiveReadOnly = false, propagation = 'PROPAGATION_PRIVATE' } of mounts) {
    if (!recursiveReadOnly) continue;
    if (!readonly) throw new CriError('INVALID_ARGUMENT', `recursive read-only mount needs readonly to be set: mount "${containerPath}"`);
    if (propagation !== 'PROPAGATION_PRIVATE')
      throw new CriError('INVALID_ARGUMENT', `recursive read-only mount needs private propagation: mount "${containerPath}"`);
  }
}

function stopSignalOf({ stopSignal = 'RUNTIME_DEFAULT' }: ContainerConfig, imageSignal: string | undefined): string {
  if (stopSignal === 'RUNTIME_DEFAULT') return imageSignal || 'SIGTERM';
  // The enumeration cannot spell the signs of `SIGRTMIN+3` and `SIGRTMAX-2`.
  return stopSignal.replace('PLUS', '+').replace('MINUS', '-');
}
