import { codeOf, Kernel, milliseconds, type Process, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Disk } from './disk.ts';
import { Host } from './host.ts';
import type { Program, ProgramContext, ProgramResolver } from './program.ts';
import type { HostProcess, ProcessSpec } from './process.ts';
import type { NetworkRequest, Reply } from './sockets.ts';

/** Listens on 80, and ends half a second after SIGTERM. */
const web: Program = {
  name: 'web',
  files: { '/index.html': 'hello' },
  *run(context: ProgramContext): Process<number> {
    context.listen('tcp', 80, (request) => ({ http: { status: 200, body: context.files.readText(request.http?.path ?? '/') } }));
    context.listen('tcp', 81, function* slow(): Process<Reply> {
      yield* sleep(seconds(5));
      return { data: 'late' };
    });
    for (;;) {
      const signal = yield* context.signals.receive();
      if (signal === 'SIGTERM') break;
    }
    yield* context.sleep(milliseconds(500));
    return 0;
  },
  *exec(context, argv) {
    yield* sleep(seconds(Number(argv[1] ?? 0)));
    return { exitCode: 0, stdout: `${context.hostname} ${argv[0]}`, stderr: '' };
  },
};
const programs: ProgramResolver = { resolve: () => web };

function setup(options: Partial<ConstructorParameters<typeof Host>[0]> = {}) {
  const kernel = new Kernel();
  const host = new Host({ name: 'node-1', kernel, programs, addresses: ['192.168.1.11/24'], gateway: '192.168.1.1', ...options });
  const tester = kernel.owner('tester');
  const pod = (name: string, address: string): HostProcess => {
    const netns = host.network.create(`/var/run/netns/${name}`);
    netns.addInterface({ name: 'eth0', kind: 'veth', addresses: [address], peer: { namespace: host.network.root, name: `veth${name}` } });
    return host.processes.start({ name, argv: [], netns });
  };
  const ask = (request: Partial<NetworkRequest>) =>
    kernel.complete(
      tester,
      'ask',
      host.network.request({ ip: '10.244.1.5', port: 80, protocol: 'http', http: { path: '/index.html' }, ...request }),
    );
  const run = <T>(process: Process<T>): T => kernel.complete(tester, 'test', process);
  return { kernel, host, tester, pod, ask, run };
}

const failure = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return `${codeOf(error)} ${(error as Error).message}`;
  }
};

describe('processes', () => {
  test('process: runs until it ends by itself, and tells', () => {
    const { kernel, host, pod, run } = setup();
    const before = host.changed.version;
    const process = pod('web', '10.244.1.5/24');
    run(sleep(seconds(10)));
    expect([process.state, process.pid, host.processes.size]).toEqual(['running', 2, 1]);
    process.signal('SIGTERM');
    kernel.run();
    expect([process.state, process.exitCode, process.startedAt, process.finishedAt]).toEqual(['exited', 0, 0, seconds(10.5)]);
    expect([process.exited.value, host.processes.size, host.changed.version - before]).toEqual([true, 0, 2]);
  });

  test('process: SIGKILL ends it at once with 137 and closes its sockets', () => {
    const { kernel, pod, ask } = setup();
    const process = pod('web', '10.244.1.5/24');
    kernel.run();
    expect(ask({}).http?.body).toBe('hello');
    process.signal('SIGKILL');
    expect(process.exitCode).toBe(137);
    expect(failure(() => ask({}))).toBe('ECONNREFUSED dial tcp 10.244.1.5:80: connect: connection refused');
  });

  test('process: is killed when it uses more than its limit', () => {
    const { kernel, host, run } = setup();
    const process = host.processes.start({ name: 'big', argv: [], netns: host.network.root, memoryLimitBytes: 1000 });
    kernel.run();
    process.use({ memoryBytes: 1000, cpuNanocores: 500_000_000 });
    run(sleep(seconds(4)));
    expect([process.state, process.cpuNanos]).toEqual(['running', 2_000_000_000]);
    process.use({ memoryBytes: 1001 });
    expect([process.state, process.exitCode, process.oomKilled, process.cpuNanos]).toEqual(['exited', 137, true, 2_000_000_000]);
  });

  test('process: an error in its program is its own exit, printed and warned of', () => {
    const lines: string[] = [];
    const warnings: string[] = [];
    const { kernel, host } = setup({
      warn: (message) => warnings.push(message),
      programs: {
        resolve: () => ({
          name: 'broken',
          *run() {
            throw new Error('no configuration');
          },
        }),
      },
    });
    const spec: ProcessSpec = {
      name: 'app',
      argv: [],
      netns: host.network.root,
      stdout: (line, stream) => lines.push(`${stream} ${line}`),
    };
    const process = host.processes.start(spec);
    kernel.run();
    expect([process.exitCode, lines, warnings]).toEqual([
      1,
      ['stderr no configuration'],
      ['program broken of app failed: no configuration'],
    ]);
  });

  test('exec: runs beside the process, and is cut when that ends', () => {
    const { kernel, host, pod, run, tester } = setup();
    const process = pod('web', '10.244.1.5/24');
    kernel.run();
    expect(run(host.processes.exec(process, ['ls']))).toEqual({ exitCode: 0, stdout: 'node-1 ls', stderr: '' });
    tester.spawn(
      'killer',
      (function* (): Process {
        yield* sleep(seconds(1));
        process.signal('SIGKILL');
      })(),
    );
    expect(run(host.processes.exec(process, ['long', '10'])).exitCode).toBe(137);
    expect(failure(() => run(host.processes.exec(process, ['ls'])))).toContain('ESRCH');
  });
});

describe('network', () => {
  test('request: reaches localhost, own address and any pod of the host; else the client times out', () => {
    const { kernel, host, pod, ask } = setup();
    const { netns } = pod('web', '10.244.1.5/24').spec;
    kernel.run();
    expect(ask({}).http?.status).toBe(200);
    expect(ask({ from: netns, ip: '127.0.0.1' }).http?.body).toBe('hello');
    expect(failure(() => ask({ ip: '127.0.0.1' }))).toContain('ECONNREFUSED');
    const start = kernel.now;
    expect(failure(() => ask({ ip: '192.168.1.99', timeout: seconds(1) }))).toBe('ETIMEDOUT dial tcp 192.168.1.99:80: i/o timeout');
    expect(kernel.now - start).toBe(seconds(1));
    expect(failure(() => ask({ from: netns, ip: '8.8.8.8' }))).toBe('ENETUNREACH dial tcp 8.8.8.8:80: connect: network is unreachable');
    host.network.remote = function* (request) {
      return { data: `far ${request.ip}` };
    };
    expect(ask({ ip: '10.244.9.9' }).data).toBe('far 10.244.9.9');
  });

  test('request: a slow server is waited for until the deadline, and its death is a reset', () => {
    const { kernel, pod, ask, tester } = setup();
    const process = pod('web', '10.244.1.5/24');
    kernel.run();
    expect(ask({ port: 81 }).data).toBe('late');
    expect(failure(() => ask({ port: 81, timeout: seconds(2) }))).toContain('ETIMEDOUT');
    tester.spawn(
      'killer',
      (function* (): Process {
        yield* sleep(seconds(1));
        process.signal('SIGKILL');
      })(),
    );
    expect(failure(() => ask({ port: 81 }))).toContain('ECONNRESET');
  });

  test('listen: a port is taken once for each address, and a catch-all takes the rest', () => {
    const { host } = setup();
    const { root } = host.network;
    const close = root.listen({ protocol: 'tcp', port: 10250, handler: () => ({ data: 'kubelet' }) });
    expect(failure(() => root.listen({ protocol: 'tcp', port: 10250, address: '127.0.0.1', handler: () => ({}) }))).toContain('EADDRINUSE');
    root.listen({ protocol: 'udp', port: 10250, handler: () => ({}) });
    root.listen({ protocol: 'tcp', port: 0, handler: () => ({ data: 'any' }) });
    expect(root.socketAt('tcp', 10250)?.port).toBe(10250);
    close();
    expect(root.socketAt('tcp', 10250)?.port).toBe(0);
  });

  test('namespaces: no address, route or interface outlives its owner', () => {
    const step = fc.record({
      act: fc.constantFrom('create', 'delete', 'address', 'unaddress', 'down', 'up', 'remove', 'move'),
      pod: fc.nat(3),
      at: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { host } = setup({ addresses: [] });
        const { network } = host;
        const seen = new Map<string, number>();
        network.onAddress = (ip, _namespace, present) => seen.set(ip, (seen.get(ip) ?? 0) + (present ? 1 : -1));
        for (const { act, pod, at } of steps) {
          const netns = network.get(`/ns/${pod}`);
          failure(() => {
            if (act === 'create')
              network
                .create(`/ns/${pod}`)
                .addInterface({ name: 'eth0', kind: 'veth', peer: { namespace: network.root, name: `veth${pod}` } });
            else if (act === 'delete') network.delete(`/ns/${pod}`);
            else if (act === 'address') netns?.addAddress('eth0', `10.0.0.${at}/24`);
            else if (act === 'unaddress') netns?.removeAddress('eth0', `10.0.0.${at}/24`);
            else if (act === 'down' || act === 'up') netns?.setUp('eth0', act === 'up');
            else if (act === 'remove') network.root.removeInterface(`veth${pod}`);
            else netns?.moveInterface('eth0', network.get(`/ns/${at % 4}`) ?? netns, 'net1');
          });
        }
        const holders = (ip: string) =>
          network.list().filter((netns) => [...netns.interfaces.values()].some((link) => link.up && link.addresses.includes(`${ip}/24`)));
        for (let at = 1; at <= 6; at += 1) {
          const ip = `10.0.0.${at}`;
          const found = network.resolve(ip);
          expect(found === undefined ? [] : [found]).toEqual(
            holders(ip)
              .filter((netns) => netns === found)
              .slice(0, 1),
          );
          expect(found !== undefined).toBe(holders(ip).length > 0);
          expect((seen.get(ip) ?? 0) > 0).toBe(found !== undefined);
        }
        for (const netns of [network.root, ...network.list()]) {
          for (const { dev } of netns.routes) expect(netns.interfaces.has(dev)).toBe(true);
          for (const link of netns.interfaces.values()) {
            if (link.kind === 'veth') expect(link.peer?.namespace.interfaces.get(link.peer.name)).toBe(link.peer);
          }
        }
        for (const { path } of network.list()) network.delete(path);
        expect([...network.root.interfaces.keys()]).toEqual(['lo']);
        expect([...seen.values()].every((count) => count === 0)).toBe(true);
      }),
    );
  });
});

describe('power', () => {
  test('power: what goes is everything but the disk', () => {
    const { kernel, host, pod } = setup();
    const process = pod('web', '10.244.1.5/24');
    host.files.write('/var/lib/kubelet/state', 'kept', { parents: true });
    host.files.write('/run/containerd.sock', 'lost');
    host.devices.set('/dev/xvdba', new Disk());
    host.files.makeDirectory('/mnt');
    host.mounts.mount('/dev/xvdba', '/mnt', { type: 'ext4' });
    host.files.write('/mnt/data', 'on the device');
    kernel.run();
    host.powerOff();
    expect([host.on, process.state, host.processes.size]).toEqual([false, 'exited', 0]);
    expect(host.processes.list()).toEqual([]);
    host.powerOn();
    kernel.run();
    expect(host.files.readText('/var/lib/kubelet/state')).toBe('kept');
    expect(host.files.list('/run')).toEqual([]);
    expect(host.files.list('/mnt')).toEqual([]);
    host.mounts.mount('/dev/xvdba', '/mnt', { type: 'ext4' });
    expect(host.files.readText('/mnt/data')).toBe('on the device');
    expect([host.network.list(), host.network.resolve('10.244.1.5')]).toEqual([[], undefined]);
    expect(host.network.resolve('192.168.1.11')).toBe(host.network.root);
  });

  test('power: the end of the owner is a power loss', () => {
    const kernel = new Kernel();
    const rack = kernel.owner('rack');
    const host = new Host({ name: 'node-1', kernel, programs, parent: rack });
    host.network.create('/ns/a');
    rack.kill();
    expect([host.on, host.network.list()]).toEqual([false, []]);
  });

  test('host: an idle one takes less than 3 KB', () => {
    const kernel = new Kernel();
    const make = (count: number) => Array.from({ length: count }, (_, at) => new Host({ name: `node-${at}`, kernel, programs }));
    const warm = make(200);
    const before = process.memoryUsage().heapUsed;
    const hosts = make(2000);
    const each = (process.memoryUsage().heapUsed - before) / hosts.length;
    expect(warm.length).toBe(200);
    expect(each).toBeLessThan(3000);
  });
});

describe('a machine that is not well', () => {
  test('a full disk takes no new block, lets a file grow in its last one, and has room again afterwards', () => {
    const { host } = setup();
    const { disk } = host;
    disk.write('/small', 'x');
    const before = host.pressure.value;
    host.fillDisk(true);
    expect(host.pressure.value).toBe(before + 1);
    disk.write('/small', 'x'.repeat(4096));
    for (const write of [() => disk.write('/new', 'x'), () => disk.append('/small', 'x')]) {
      let code = '';
      try {
        write();
      } catch (error) {
        code = codeOf(error);
      }
      expect(code).toBe('ENOSPC');
    }
    disk.write('/small', '');
    host.fillDisk(false);
    disk.write('/new', 'x');
    expect(disk.readText('/new')).toBe('x');
  });

  test('stands still with all that it started, until it goes on or loses power', () => {
    const { kernel, host } = setup();
    const ticks: number[] = [];
    function* tick(): Process {
      for (;;) {
        yield* sleep(seconds(1));
        ticks.push(kernel.now / seconds(1));
      }
    }
    host.owner.child('daemon').spawn('tick', tick());
    kernel.after(milliseconds(1500), () => host.freeze());
    kernel.after(milliseconds(4500), () => host.thaw());
    kernel.after(seconds(6), () => host.freeze());
    kernel.after(seconds(7), () => host.powerOff());
    kernel.after(seconds(8), () => host.powerOn());
    kernel.run({ until: seconds(9) });
    expect([ticks, host.frozen, host.on]).toEqual([[1, 4.5, 5.5], false, true]);
  });

  test('a wrong clock goes on being wrong after a power loss', () => {
    const { kernel, host } = setup();
    const read = (): number => {
      function* clock(): Process<number> {
        yield* sleep(0);
        return kernel.unixMicros - kernel.epoch - kernel.now;
      }
      return kernel.complete(host.owner, 'clock', clock());
    };
    host.clockOffset = seconds(60);
    host.powerOff();
    host.powerOn();
    expect(read()).toBe(seconds(60));
    host.clockOffset = 0;
    expect(read()).toBe(0);
  });
});
