import { Host, type Program, SIGNAL_NUMBERS } from '@slipway/host';
import { Kernel, link, type Process } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statuses } from '../../runtime/contract.ts';
import { ociRuntime } from '../../runtime/service.ts';
import type { RuntimeSpec } from '../../runtime/spec.ts';
import { crun, HOOK_INPUT, Runc, type RuncOptions, runc } from '../index.ts';

const ran: string[] = [];

/** Waits for a signal; prints what it is given first; ends with what a hook is told to. */
const program = (argv: readonly string[]): Program => ({
  name: argv[0] ?? '',
  *run(context): Process<number> {
    ran.push(`${context.argv.join(' ')}${context.annotations[HOOK_INPUT] ? ` ${JSON.parse(context.annotations[HOOK_INPUT]).status}` : ''}`);
    if (argv[0] === '/hook') return Number(argv[1]);
    if (argv[0] === '/slow-hook') yield* context.sleep(10_000_000);
    if (argv[0] === 'say') {
      context.print(argv[1] ?? '');
      context.printError('and more');
    }
    if (argv[0] === 'eat') context.use({ memoryBytes: Number(argv[1]) });
    return 128 + SIGNAL_NUMBERS[yield* context.signals.receive()];
  },
});

function world(options: RuncOptions = {}) {
  ran.length = 0;
  const kernel = new Kernel();
  const warnings: string[] = [];
  const host = new Host({ name: 'n', kernel, programs: { resolve: (_, argv) => program(argv) }, warn: (text) => void warnings.push(text) });
  const from = kernel.owner('shim');
  const to = kernel.owner('runc');
  const client = (runtime = new Runc(host, options)) => link(runtime, { service: ociRuntime, from, to });
  const run = <T>(process: Process<T>): T => kernel.complete(from, 'call', process);
  const bundle = (spec: Partial<RuntimeSpec> = {}): string => {
    host.files.makeDirectory('/b/rootfs', { recursive: true });
    host.files.write('/b/config.json', JSON.stringify(specOf(spec)));
    return '/b';
  };
  return { kernel, host, warnings, client, run, bundle };
}

const specOf = (more: Partial<RuntimeSpec> = {}): RuntimeSpec => ({
  ociVersion: '1.3.0',
  process: { args: ['sleep'], cwd: '/' },
  root: { path: 'rootfs' },
  ...more,
});

describe('runc: what it leaves on the machine', () => {
  it('create: keeps a record in memory that delete takes away', () => {
    const { host, client, run, bundle } = world();
    const runtime = client();
    const { pid } = run(runtime.create({ id: 'one', bundle: bundle() }));
    expect(JSON.parse(host.files.readText('/run/runc/one/state.json'))).toMatchObject({
      id: 'one',
      pid,
      bundle: '/b',
      rootfs: '/b/rootfs',
    });
    run(runtime.kill({ id: 'one', signal: '9' }));
    run(runtime.delete({ id: 'one' }));
    expect(host.files.list('/run/runc')).toEqual([]);
    expect(host.processes.size).toBe(0);
  });

  it('create: the process gets environment, user, host name, mounts, limit, annotations and a network of its own', () => {
    const { host, client, run, bundle } = world();
    host.files.makeDirectory('/volume');
    host.files.write('/volume/file', 'hello');
    const { pid } = run(
      client().create({
        id: 'one',
        bundle: bundle({
          process: { args: ['sleep'], cwd: '/work', env: ['A=1', 'B=x=y'], user: { uid: 7, gid: 8 } },
          hostname: 'web-0',
          mounts: [
            { destination: '/proc', type: 'proc', source: 'proc' },
            { destination: '/data', type: 'bind', source: '/volume', options: ['rbind', 'ro'] },
          ],
          annotations: {
            'io.kubernetes.cri.image-name': 'nginx',
            'io.kubernetes.cri.sandbox-name': 'web-0',
            'io.kubernetes.cri.container-name': 'web',
          },
          linux: { namespaces: [{ type: 'network' }], resources: { memory: { limit: 5000 } }, cgroupsPath: '/kubepods/one' },
        }),
      }),
    );
    const process = host.processes.get(pid);
    expect(process?.spec).toMatchObject({
      name: 'web-0/web',
      env: { A: '1', B: 'x=y' },
      cwd: '/work',
      user: '7:8',
      hostname: 'web-0',
      memoryLimitBytes: 5000,
      cgroup: '/kubepods/one',
    });
    expect(process?.context.image).toBe('nginx');
    expect(process?.files.readText('/data/file')).toBe('hello');
    expect(() => process?.files.write('/data/file', 'x')).toThrow(expect.objectContaining({ code: 'EROFS' }));
    expect(process?.spec.netns).toBe(host.network.get('/run/runc/one/netns'));
  });

  it('create: joins a network namespace by its path, and delete leaves it', () => {
    const { host, client, run, bundle } = world();
    const netns = host.network.create('/run/netns/pod');
    const runtime = client();
    const { pid } = run(
      runtime.create({ id: 'one', bundle: bundle({ linux: { namespaces: [{ type: 'network', path: '/run/netns/pod' }] } }) }),
    );
    expect(host.processes.get(pid)?.spec.netns).toBe(netns);
    run(runtime.delete({ id: 'one', force: true }));
    expect(host.network.get('/run/netns/pod')).toBe(netns);
  });

  it('restart: a new process of the runtime finds containers, after a reboot none', () => {
    const { host, client, run, bundle } = world();
    const first = client();
    run(first.create({ id: 'one', bundle: bundle() }));
    run(first.start({ id: 'one' }));
    const second = client(new Runc(host));
    expect(run(second.state({ id: 'one' }))).toEqual(run(first.state({ id: 'one' })));
    run(second.kill({ id: 'one', signal: 'SIGKILL' }));
    expect(run(first.state({ id: 'one' })).status).toBe('stopped');
    host.powerOff();
    host.powerOn();
    for (const runtime of [first, second])
      expect(() => run(runtime.state({ id: 'one' }))).toThrow(expect.objectContaining({ code: 'UNKNOWN_CONTAINER' }));
    expect(run(first.create({ id: 'one', bundle: '/b' })).pid).toBeGreaterThan(0);
  });
});

describe('runc: what it says', () => {
  it.each([
    ['ID_IN_USE', 'container with given ID already exists', (r: Calls) => r.create({ id: 'one', bundle: '/b' })],
    ['UNKNOWN_CONTAINER', 'container does not exist', (r: Calls) => r.state({ id: 'two' })],
    ['ID_INVALID', 'invalid container ID format', (r: Calls) => r.state({ id: 'a/b' })],
    ['ID_REQUIRED', 'container id cannot be empty', (r: Calls) => r.start({ id: '' })],
    ['NOT_CREATED', 'cannot start an already running container', (r: Calls) => r.start({ id: 'one' })],
    ['NOT_STOPPED', 'cannot delete container one that is not stopped: running', (r: Calls) => r.delete({ id: 'one' })],
    ['SIGNAL_INVALID', 'unknown signal "BOO"', (r: Calls) => r.kill({ id: 'one', signal: 'BOO' })],
    ['CONFIG_INVALID', 'JSON specification file /none/config.json not found', (r: Calls) => r.create({ id: 'two', bundle: '/none' })],
    ['NOT_PAUSED', 'container not paused', (r: Calls) => r.resume({ id: 'one' })],
    [
      'PROCESS_FAILED',
      'exec failed: unable to start container process: exec: "nope": executable file not found in $PATH',
      (r: Calls) => r.exec({ id: 'one', process: { cwd: '/', args: ['nope'] } }),
    ],
  ])('%s: %s', (code, message, call) => {
    const { client, run, bundle } = world();
    const runtime = client();
    run(runtime.create({ id: 'one', bundle: bundle() }));
    run(runtime.start({ id: 'one' }));
    expect(() => run<unknown>(call(runtime))).toThrow(expect.objectContaining({ code, message }));
  });

  it('start: of a container that has stopped says so', () => {
    const { client, run, bundle } = world();
    const runtime = client();
    run(runtime.create({ id: 'one', bundle: bundle() }));
    run(runtime.kill({ id: 'one', signal: 'TERM' }));
    expect(() => run(runtime.start({ id: 'one' }))).toThrow('cannot start a container that has stopped');
  });

  it('stdio: lines go where create was told', () => {
    const { kernel, client, run, bundle } = world();
    const runtime = client();
    const lines: string[] = [];
    const stdio = { stdout: (line: string) => void lines.push(`out ${line}`), stderr: (line: string) => void lines.push(`err ${line}`) };
    run(runtime.create({ id: 'one', bundle: bundle({ process: { args: ['say', 'hello'], cwd: '/' } }), stdio }));
    run(runtime.start({ id: 'one' }));
    kernel.run();
    expect(lines).toEqual(['out hello', 'err and more']);
  });
});

type Calls = ReturnType<ReturnType<typeof world>['client']>;

describe('runc: hooks', () => {
  it('hooks: read the state, in runc’s words say why they fail, and are cut off in time', () => {
    const { client, run, bundle } = world();
    const runtime = client();
    run(runtime.create({ id: 'one', bundle: bundle({ hooks: { createRuntime: [{ path: '/hook', args: ['hook', '0'] }] } }) }));
    expect(ran).toEqual(['/hook 0 creating']);
    const failing = bundle({ hooks: { createContainer: [{ path: '/hook', args: ['hook', '3'] }] } });
    expect(() => run(runtime.create({ id: 'two', bundle: failing }))).toThrow(
      expect.objectContaining({ code: 'HOOK_FAILED', message: 'error running createContainer hook #0: exit status 3, stdout: , stderr: ' }),
    );
    const slow = bundle({ hooks: { prestart: [{ path: '/slow-hook', timeout: 2 }] } });
    expect(() => run(runtime.create({ id: 'two', bundle: slow }))).toThrow(
      'error running prestart hook #0: hook ran past specified timeout of 2.0s',
    );
    expect(run(runtime.list({})).containers.map(({ id, status }) => `${id} ${status}`)).toEqual(['one created']);
  });

  it('start: a second one while hooks run is refused, and the program runs once', () => {
    const { kernel, client, bundle, run } = world();
    const runtime = client();
    run(runtime.create({ id: 'one', bundle: bundle({ hooks: { startContainer: [{ path: '/hook', args: ['hook', '0'] }] } }) }));
    const owner = kernel.owner('twice');
    const outcomes: string[] = [];
    for (const name of ['a', 'b']) {
      owner.spawn(
        name,
        (function* (): Process {
          try {
            yield* runtime.start({ id: 'one' });
            outcomes.push('started');
          } catch {
            outcomes.push('refused');
          }
        })(),
      );
    }
    kernel.run();
    expect(outcomes.sort()).toEqual(['refused', 'started']);
    expect(ran.filter((line) => line === 'sleep')).toHaveLength(1);
  });

  it('poststop: a failure is a warning; with `retry` the container stays until the hook succeeds', () => {
    const hooks = { poststop: [{ path: '/hook', args: ['hook', '1'] }] };
    const warned = world();
    const runtime = warned.client();
    warned.run(runtime.create({ id: 'one', bundle: warned.bundle({ hooks }) }));
    warned.run(runtime.delete({ id: 'one', force: true }));
    expect(warned.warnings).toEqual(['container one: error running poststop hook #0: exit status 1, stdout: , stderr: ']);

    const retried = world({ poststopFailure: 'retry' });
    const stubborn = retried.client();
    retried.run(stubborn.create({ id: 'one', bundle: retried.bundle({ hooks }) }));
    for (let round = 0; round < 2; round += 1) {
      expect(() => retried.run(stubborn.delete({ id: 'one', force: true }))).toThrow(expect.objectContaining({ code: 'HOOK_FAILED' }));
      expect(retried.run(stubborn.state({ id: 'one' })).status).toBe('stopped');
    }
    expect(ran).toEqual(['/hook 1 stopped', '/hook 1 stopped']);
  });
});

describe('runc: resources', () => {
  it('update: a limit below what is used kills, and events tell', () => {
    const { kernel, client, run, bundle } = world();
    const runtime = client();
    run(runtime.create({ id: 'one', bundle: bundle({ process: { args: ['eat', '900'], cwd: '/' } }) }));
    run(runtime.start({ id: 'one' }));
    kernel.run();
    expect(run(runtime.stats({ id: 'one' }))).toMatchObject({ id: 'one', memoryUsageBytes: 900, pids: 1 });
    const events = run(runtime.events({ id: 'one' }));
    run(runtime.update({ id: 'one', resources: { memory: { limit: 1000 } } }));
    expect(run(runtime.state({ id: 'one' })).status).toBe('running');
    expect(run(runtime.stats({ id: 'one' })).memoryLimitBytes).toBe(1000);
    run(runtime.update({ id: 'one', resources: { memory: { limit: 800 } } }));
    expect(run(runtime.state({ id: 'one' })).status).toBe('stopped');
    expect(run(events.take())).toEqual([
      { type: 'oom', id: 'one' },
      { type: 'exit', id: 'one', exitCode: 137 },
    ]);
    expect(run(runtime.ps({ id: 'one' })).pids).toEqual([]);
  });

  it('pause: commands are refused until resume', () => {
    const { client, run, bundle } = world();
    const runtime = client();
    run(runtime.create({ id: 'one', bundle: bundle() }));
    run(runtime.start({ id: 'one' }));
    run(runtime.pause({ id: 'one' }));
    expect(() => run(runtime.exec({ id: 'one', process: { cwd: '/', args: ['x'] } }))).toThrow(expect.objectContaining({ code: 'PAUSED' }));
    expect(run(runtime.list({})).containers[0]?.paused).toBe(true);
    run(runtime.resume({ id: 'one' }));
    expect(() => run(runtime.resume({ id: 'one' }))).toThrow(expect.objectContaining({ code: 'NOT_PAUSED' }));
  });
});

describe('runc: states', () => {
  it('states: whatever is called, a container only goes forward, and nothing is left at the end (OCI-01, OCI-02)', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const call = fc.record({ id, what: fc.constantFrom('create', 'start', 'kill', 'term', 'delete', 'force') });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const { host, client, run, bundle, kernel } = world();
        const runtime = client();
        const spec = { linux: { namespaces: [{ type: 'network' as const }] } };
        const path = bundle(spec);
        const seen = new Map<string, number>();
        for (const { id: name, what } of calls) {
          const action = {
            create: () => run(runtime.create({ id: name, bundle: path })),
            start: () => run(runtime.start({ id: name })),
            kill: () => run(runtime.kill({ id: name, signal: 'KILL' })),
            term: () => run(runtime.kill({ id: name, signal: 'TERM' })),
            delete: () => run(runtime.delete({ id: name })),
            force: () => run(runtime.delete({ id: name, force: true })),
          }[what];
          try {
            action();
          } catch (error) {
            expect(error).toHaveProperty('code');
          }
          kernel.run();
          const listed = new Map(run(runtime.list({})).containers.map((container) => [container.id, container]));
          for (const [known, container] of listed) {
            const at = statuses.indexOf(container.status);
            expect(at).toBeGreaterThanOrEqual(seen.get(known) ?? 0);
            seen.set(known, at);
            expect(host.processes.get(container.pid ?? 0) === undefined).toBe(container.status === 'stopped');
          }
          for (const known of seen.keys()) if (!listed.has(known)) seen.delete(known);
          expect(host.network.list()).toHaveLength(listed.size);
        }
        for (const { id: left } of run(runtime.list({})).containers) run(runtime.delete({ id: left, force: true }));
        expect([
          host.processes.size,
          host.network.list().length,
          host.files.exists('/run/runc') ? host.files.list('/run/runc').length : 0,
        ]).toEqual([0, 0, 0]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('runc and crun: plugins', () => {
  it('plugins: have a name, options and times, crun’s below runc’s', () => {
    expect([runc.name, crun.name]).toEqual(['runc', 'crun']);
    expect(Object.keys(crun.latency ?? {})).toEqual(Object.keys(runc.latency ?? {}));
    expect(runc.options?.safeParse({ poststopFailure: 'shrug' }).success).toBe(false);
    expect(runc.options?.safeParse({}).success).toBe(true);
  });
});
