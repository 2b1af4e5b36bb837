import { messageOf, type Process } from '@slipway/kernel';
import type { RunPodSandboxRequest, RunPodSandboxResponse } from '../../../messages/index.ts';
import { sandboxSpec } from '../containers/bundle.ts';
import { dropConfig, removeBundle, writeBundle } from '../containers/bundle-folder.ts';
import type { RuntimeCore } from '../core.ts';
import { deleteFromRuntime } from '../containers/exits.ts';
import type { ImageRecord } from '../images/image-record.ts';
import { hasOwnProcess, onHostNetwork, Sandbox } from './sandbox.ts';

/**
 * Makes a sandbox: name, network, process, in the order of the runtime. What a failed try made is undone again. Source: containerd,
 * internal/cri/server/sandbox_run.go; CRI-O, server/sandbox_run_linux.go.
 */
export function* runPodSandbox(core: RuntimeCore, { config, runtimeHandler = '' }: RunPodSandboxRequest): Process<RunPodSandboxResponse> {
  const { flavour, store } = core;
  if (runtimeHandler !== '' && !flavour.handlers.includes(runtimeHandler))
    throw flavour.words.unknownHandler(runtimeHandler, flavour.handlers);
  const id = core.newId();
  const name = flavour.sandboxName(config.metadata);
  const holder = store.reserve(name, id);
  if (holder !== undefined) throw flavour.words.sandboxNameTaken(name, id, holder);
  const sandbox = new Sandbox({
    id,
    config,
    handler: runtimeHandler,
    createdAt: core.host.kernel.unixMicros,
    netns: onHostNetwork(config) ? '' : core.newNetns(),
    ips: [],
    state: 'notReady',
    attached: false,
  });
  try {
    yield* start(core, sandbox);
    sandbox.change({ state: 'ready' });
    store.addSandbox(sandbox);
  } catch (error) {
    sandbox.change({ state: 'notReady' });
    yield* undo(core, sandbox, name);
    throw error;
  }
  core.events.tell('CONTAINER_CREATED_EVENT', id, sandbox);
  core.events.tell('CONTAINER_STARTED_EVENT', id, sandbox);
  return { podSandboxId: id };
}

function* start(core: RuntimeCore, sandbox: Sandbox): Process {
  const { flavour } = core;
  const early = flavour.imageBeforeNetwork ? yield* sandboxImage(core, sandbox) : undefined;
  if (sandbox.record.netns !== '') yield* core.network.setUp(sandbox);
  const image = early ?? (yield* sandboxImage(core, sandbox));
  if (hasOwnProcess(flavour, sandbox.config)) yield* startProcess(core, sandbox, image);
}

function* sandboxImage(core: RuntimeCore, sandbox: Sandbox): Process<ImageRecord> {
  try {
    return yield* core.puller.sandboxImage();
  } catch (error) {
    throw core.flavour.words.sandboxImage(sandbox.id, core.flavour.pauseImage, messageOf(error));
  }
}

function* startProcess(core: RuntimeCore, sandbox: Sandbox, image: ImageRecord): Process {
  const { id } = sandbox;
  try {
    const spec = sandboxSpec(core.flavour, sandbox, image);
    const { pid } = yield* core.oci.create({ id, bundle: writeBundle(core, id, spec), spec });
    dropConfig(core, id);
    const process = core.host.processes.get(pid);
    yield* core.oci.start({ id });
    if (process) yield* core.watchSandbox(sandbox, process);
  } catch (error) {
    throw core.flavour.words.sandboxStart(id, messageOf(error));
  }
}

/**
 * Undoes a start that failed. A network that cannot be undone now keeps the sandbox, as one that never was ready, so that the kubelet
 * finds it and has it stopped and removed.
 */
function* undo(core: RuntimeCore, sandbox: Sandbox, name: string): Process {
  const { store, network } = core;
  yield* deleteFromRuntime(core, sandbox.id);
  removeBundle(core, sandbox.id);
  try {
    if (sandbox.record.attached) yield* network.tearDown(sandbox);
    else network.dropNamespace(sandbox);
    store.release(name, sandbox.id);
  } catch {
    sandbox.change({ state: 'unknown' });
    store.keepSandbox(sandbox);
  }
}
