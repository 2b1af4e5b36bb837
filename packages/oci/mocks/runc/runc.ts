import { type Host, normalPath, type Program, signalOf, SIGNAL_NUMBERS, type SignalName } from '@slipway/host';
import { codeOf, type Implementation, messageOf, type Process, Stream, until } from '@slipway/kernel';
import {
  type ContainerRequest,
  type CreateRequest,
  type CreateResponse,
  type DeleteRequest,
  type Empty,
  type ExecRequest,
  type ExecResponse,
  type Features,
  hookKinds,
  type KillRequest,
  type ListResponse,
  OCI_RUNTIME_VERSION,
  type OciRuntime,
  type PsResponse,
  type RuntimeEvent,
  type State,
  type StatsResponse,
  type UpdateRequest,
} from '../../runtime/contract.ts';
import { OciRuntimeError } from '../../runtime/errors.ts';
import { namespaceTypes } from '../../runtime/linux.ts';
import type { RuntimeSpec } from '../../runtime/spec.ts';
import { bindMounts, checkId, loadSpec, openNetwork } from './config.ts';
import { Container, type ContainerRecord } from './container.ts';
import { environmentOf, runHooks } from './hooks.ts';
import { ContainerStore } from './store.ts';

export interface RuncOptions {
  /** Folder of its records, in memory. Left out: `/run/runc`. */
  readonly root?: string;
  /**
   * What becomes of a container whose poststop hook fails: `warn` goes on, as the spec says; `retry` keeps it stopped, fails `delete` and
   * runs the hooks again at the next one, as opencontainers/runc#4364 wishes. Left out: `warn`.
   */
  readonly poststopFailure?: 'warn' | 'retry';
}

const DONE: Empty = {};

/** Stands for a container that has no program to start; it never runs, but it has a pid. */
const nothing: Program = {
  name: 'nothing',
  *run() {
    return 0;
  },
};

/** Signals that end a process which has not set anything up to receive them. */
const DEADLY: readonly SignalName[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGTERM'];

/** runc 1.3 over a simulated machine: containers are its processes, namespaces and mounts; records lie under `/run/runc`. */
export class Runc implements Implementation<OciRuntime> {
  readonly #host: Host;
  readonly #store: ContainerStore;
  readonly #root: string;
  readonly #poststopFailure: 'warn' | 'retry';

  constructor(host: Host, { root = '/run/runc', poststopFailure = 'warn' }: RuncOptions = {}) {
    this.#host = host;
    this.#root = root;
    this.#poststopFailure = poststopFailure;
    this.#store = new ContainerStore(host, root);
  }

  state({ id }: ContainerRequest): State {
    return this.#find(id).state;
  }

  create(request: CreateRequest): CreateResponse | Process<CreateResponse> {
    checkId(request.id);
    if (this.#store.find(request.id)) throw new OciRuntimeError('ID_IN_USE');
    const spec = loadSpec(this.#host, request);
    const container = this.#build(request, spec);
    const pid = container.record.pid;
    const { prestart = [], createRuntime = [], createContainer = [] } = container.hooks;
    if (prestart.length + createRuntime.length + createContainer.length > 0) return this.#runCreateHooks(container);
    container.creating = false;
    return { pid };
  }

  start({ id }: ContainerRequest): Empty | Process<Empty> {
    const container = this.#find(id);
    const { status, record } = container;
    if (status === 'stopped') throw new OciRuntimeError('NOT_CREATED', 'cannot start a container that has stopped');
    if (status === 'running' || container.starting) throw new OciRuntimeError('NOT_CREATED');
    if (status === 'creating') throw new OciRuntimeError('NOT_CREATED', 'cannot start a container in the creating state');
    if (!record.runnable) throw new OciRuntimeError('PROCESS_NOT_SET');
    if (container.hooks.startContainer?.length || container.hooks.poststart?.length) {
      container.starting = true;
      return this.#startWithHooks(container);
    }
    container.process?.start();
    return DONE;
  }

  kill({ id, signal }: KillRequest): Empty {
    const { process, status } = this.#find(id);
    const name = signalOf(signal);
    if (name === undefined) throw new OciRuntimeError('SIGNAL_INVALID', `unknown signal "${signal}"`);
    if (process === undefined || status === 'stopped') throw new OciRuntimeError('NOT_RUNNING');
    if (status === 'running') process.signal(name);
    // Nothing of the program runs yet that could receive a signal.
    else if (DEADLY.includes(name)) process.exit(128 + SIGNAL_NUMBERS[name]);
    return DONE;
  }

  delete({ id, force = false }: DeleteRequest): Empty | Process<Empty> {
    checkId(id);
    const container = this.#store.find(id);
    if (!container) {
      if (force) return DONE;
      throw new OciRuntimeError('UNKNOWN_CONTAINER');
    }
    const { status } = container;
    // As runc does, a container that was created and never started goes without force.
    if (!force && (status === 'running' || status === 'creating')) {
      throw new OciRuntimeError('NOT_STOPPED', `cannot delete container ${id} that is not stopped: ${status}`);
    }
    return container.hooks.poststop?.length ? this.#destroyWithHooks(container) : this.#destroy(container);
  }

  list(): ListResponse {
    const containers = this.#store.list().map((container) => {
      const { created, rootfs } = container.record;
      return { ...container.state, created, rootfs, paused: container.paused };
    });
    return { containers };
  }

  *exec({ id, process }: ExecRequest): Process<ExecResponse> {
    const container = this.#find(id);
    if (container.process === undefined || container.status === 'stopped') {
      throw new OciRuntimeError('NOT_RUNNING', 'cannot exec in a stopped container');
    }
    if (container.paused) throw new OciRuntimeError('PAUSED');
    if (container.status !== 'running') throw new OciRuntimeError('NOT_RUNNING');
    const result = yield* this.#host.processes.exec(container.process, process.args ?? []);
    if (result.exitCode === 127 && result.stderr.startsWith('exec: "')) {
      throw new OciRuntimeError('PROCESS_FAILED', `exec failed: unable to start container process: ${result.stderr}`);
    }
    return result;
  }

  update({ id, resources }: UpdateRequest): Empty {
    const container = this.#find(id);
    if (container.process === undefined || container.status === 'stopped') throw new OciRuntimeError('NOT_RUNNING');
    if (resources.memory?.limit !== undefined) container.memoryLimitBytes = limitOf(resources.memory.limit);
    // What it uses already may be too much now.
    container.process.use({});
    return DONE;
  }

  pause({ id }: ContainerRequest): Empty {
    const container = this.#find(id);
    if (container.status !== 'running') throw new OciRuntimeError('NOT_RUNNING');
    container.paused = true;
    this.#host.warn(`container ${id} is paused: commands in it are refused, but its program is not frozen`);
    return DONE;
  }

  resume({ id }: ContainerRequest): Empty {
    const container = this.#find(id);
    if (!container.paused) throw new OciRuntimeError('NOT_PAUSED');
    container.paused = false;
    return DONE;
  }

  ps({ id }: ContainerRequest): PsResponse {
    const { record, status } = this.#find(id);
    return { pids: status === 'stopped' ? [] : [record.pid] };
  }

  stats({ id }: ContainerRequest): StatsResponse {
    const { process, memoryLimitBytes, status } = this.#find(id);
    if (process === undefined || status === 'stopped') throw new OciRuntimeError('NOT_RUNNING');
    return {
      id,
      cpuUsageNanos: process.cpuNanos,
      memoryUsageBytes: process.memoryBytes,
      ...(memoryLimitBytes !== Number.POSITIVE_INFINITY && { memoryLimitBytes }),
      pids: 1,
    };
  }

  events({ id }: ContainerRequest): Stream<RuntimeEvent> {
    const { process } = this.#find(id);
    const stream = new Stream<RuntimeEvent>();
    this.#host.owner.spawn(
      `events of ${id}`,
      (function* (): Process {
        while (process && !process.exited.value) yield* until(process.exited);
        if (process?.oomKilled) stream.offer({ type: 'oom', id });
        stream.offer({ type: 'exit', id, exitCode: process?.exitCode ?? 0 });
        stream.end();
      })(),
    );
    return stream;
  }

  features(): Features {
    return {
      ociVersionMin: '1.0.0',
      ociVersionMax: OCI_RUNTIME_VERSION,
      hooks: hookKinds.map(({ name }) => name),
      mountOptions: ['bind', 'rbind', 'ro', 'rw', 'rprivate', 'rshared', 'rslave'],
      linux: { namespaces: namespaceTypes },
    };
  }

  /** @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER */
  #find(id: string): Container {
    checkId(id);
    const container = this.#store.find(id);
    if (!container) throw new OciRuntimeError('UNKNOWN_CONTAINER');
    return container;
  }

  /** Step 2 of the lifecycle: everything but hooks. What was made before a failure is unmade. */
  #build({ id, bundle, stdio }: CreateRequest, spec: RuntimeSpec): Container {
    const host = this.#host;
    const path = spec.root?.path ?? '';
    const rootfs = normalPath(path, bundle);
    if (!host.files.exists(rootfs))
      throw new OciRuntimeError('CONFIG_INVALID', `invalid rootfs: stat ${rootfs}: no such file or directory`);
    const mounts = bindMounts(host, bundle, spec.mounts ?? []);
    const { netns, made } = openNetwork(host, spec, `${this.#root}/${id}/netns`);
    const { process: program, annotations = {} } = spec;
    // The limit may change while the process lives (`update`), so the process asks each time.
    let container: Container | undefined;
    const first = limitOf(spec.linux?.resources?.memory?.limit);
    try {
      const image = annotations['io.kubernetes.cri-o.ImageName'];
      const process = host.processes.create({
        name: nameOf(id, annotations),
        argv: program?.args ?? [],
        env: environmentOf(program?.env ?? []),
        cwd: program?.cwd ?? '/',
        ...(program?.user && { user: `${program.user.uid}:${program.user.gid}` }),
        ...(spec.hostname !== undefined && { hostname: spec.hostname }),
        ...(image !== undefined && { image }),
        annotations,
        rootfs,
        readOnlyRoot: spec.root?.readonly ?? false,
        mounts,
        netns,
        ...(spec.linux?.cgroupsPath !== undefined && { cgroup: spec.linux.cgroupsPath }),
        get memoryLimitBytes() {
          return container?.memoryLimitBytes ?? first;
        },
        ...(stdio && { stdout: (line: string, stream: 'stdout' | 'stderr') => stdio[stream]?.(line) }),
        ...(program === undefined && { program: nothing }),
      });
      const record: ContainerRecord = {
        ociVersion: OCI_RUNTIME_VERSION,
        id,
        bundle,
        rootfs,
        pid: process.pid,
        created: host.kernel.now,
        network: netns.path,
        ...(made !== undefined && { ownNetwork: made }),
        runnable: program !== undefined,
        hooks: spec.hooks ?? {},
        annotations,
      };
      container = new Container(record, netns, process, { creating: true, memoryLimitBytes: first });
      this.#store.add(container);
      return container;
    } catch (error) {
      container?.process?.exit(1);
      if (made !== undefined) host.network.delete(made);
      throw new OciRuntimeError('CONFIG_INVALID', `unable to start container process: error during container init: ${messageOf(error)}`);
    }
  }

  *#runCreateHooks(container: Container): Process<CreateResponse> {
    for (const kind of ['prestart', 'createRuntime', 'createContainer'] as const) yield* this.#hooksOrDestroy(container, kind);
    container.creating = false;
    return { pid: container.record.pid };
  }

  *#startWithHooks(container: Container): Process<Empty> {
    yield* this.#hooksOrDestroy(container, 'startContainer');
    container.starting = false;
    container.process?.start();
    yield* this.#hooksOrDestroy(container, 'poststart');
    return DONE;
  }

  /** Runs hooks; when one fails the lifecycle goes on with destroying, and the caller is told. */
  *#hooksOrDestroy(container: Container, kind: 'prestart' | 'createRuntime' | 'createContainer' | 'startContainer' | 'poststart'): Process {
    try {
      yield* runHooks(this.#host, kind, container, container.state);
    } catch (error) {
      const destroyed = container.hooks.poststop?.length ? this.#destroyWithHooks(container) : undefined;
      if (destroyed) yield* destroyed;
      else this.#destroy(container);
      throw new OciRuntimeError('HOOK_FAILED', messageOf(error));
    }
    if (kind !== 'poststart' && container.status === 'stopped')
      throw new OciRuntimeError('PROCESS_FAILED', 'container init process exited');
  }

  /** What delete frees is gone when poststop hooks run, except the record where they may have to run again. */
  #destroyWithHooks(container: Container): Process<Empty> {
    if (this.#poststopFailure === 'retry') return this.#retryPoststop(container);
    this.#destroy(container);
    return this.#poststop(container);
  }

  *#retryPoststop(container: Container): Process<Empty> {
    container.process?.exit(128 + SIGNAL_NUMBERS.SIGKILL);
    try {
      yield* this.#poststop(container);
    } catch (error) {
      throw new OciRuntimeError('HOOK_FAILED', `unable to run post stop hooks: ${messageOf(error)}`);
    }
    return this.#destroy(container);
  }

  /** Each hook is run, whatever became of those before it. */
  *#poststop(container: Container): Process<Empty> {
    const { poststop = [] } = container.hooks;
    for (const hook of poststop) {
      try {
        yield* runHooks(this.#host, 'poststop', { ...subjectOf(container), hooks: { poststop: [hook] } }, container.state);
      } catch (error) {
        if (this.#poststopFailure === 'retry' || codeOf(error) !== 'HOOK_FAILED') throw error;
        this.#host.warn(`container ${container.record.id}: ${messageOf(error)}`);
      }
    }
    return DONE;
  }

  #destroy(container: Container): Empty {
    const { ownNetwork, id } = container.record;
    container.process?.exit(128 + SIGNAL_NUMBERS.SIGKILL);
    if (ownNetwork !== undefined && this.#host.network.get(ownNetwork) === container.netns) this.#host.network.delete(ownNetwork);
    // A forced delete may have been first, and the id be another's by now.
    if (this.#store.find(id) === container) this.#store.remove(id);
    return DONE;
  }
}

const subjectOf = ({ hooks, netns, rootfs }: Container): { hooks: Container['hooks']; netns: Container['netns']; rootfs: string } => ({
  hooks,
  netns,
  rootfs,
});

/** cgroups write −1 for no limit; 0 and nothing mean the same. */
const limitOf = (bytes: number | undefined): number => (bytes !== undefined && bytes > 0 ? bytes : Number.POSITIVE_INFINITY);

/** What people call the process: `pod/container` where the annotations of containerd or CRI-O tell, else the id. */
function nameOf(id: string, annotations: Readonly<Record<string, string>>): string {
  const pod = annotations['io.kubernetes.cri.sandbox-name'] ?? annotations['io.kubernetes.cri-o.SandboxName'];
  const container = annotations['io.kubernetes.cri.container-name'] ?? annotations['io.kubernetes.container.name'];
  return pod !== undefined && container !== undefined ? `${pod}/${container}` : id;
}
