import { Disk, Host, type HostProcess, type NetworkRequest, type ProcessSpec, type Reply, type SignalName } from '@slipway/host';
import { Kernel, messageOf, milliseconds, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineProgram, type ImageProgram } from './define-program.ts';
import { repositoryOf } from './image-name.ts';
import { BUILT_IN, programs } from './resolver.ts';

function world(own: readonly ImageProgram[] = []) {
  const kernel = new Kernel();
  const warnings: string[] = [];
  const lines: string[] = [];
  const host = new Host({ name: 'node-1', kernel, programs: programs(own), warn: (message) => warnings.push(message) });
  const tester = kernel.owner('tester');
  const after = (micros: number): void => kernel.complete(tester, 'wait', sleep(micros));
  let pods = 0;
  const start = (image: string, options: Partial<ProcessSpec> & { files?: Record<string, string> } = {}): HostProcess => {
    pods += 1;
    const netns = options.netns ?? host.network.create(`/ns/${pods}`);
    if (!options.netns)
      netns.addInterface({
        name: 'eth0',
        kind: 'veth',
        addresses: [`10.0.0.${pods}/24`],
        peer: { namespace: host.network.root, name: `veth${pods}` },
      });
    for (const [path, content] of Object.entries(options.files ?? {}))
      host.files.write(`/volumes/${pods}${path}`, content, { parents: true });
    const mounts = options.files
      ? Object.keys(options.files).map((path) => ({ source: `/volumes/${pods}${path}`, destination: path }))
      : [];
    const process = host.processes.start({
      name: `pod-${pods}`,
      argv: [],
      hostname: `pod-${pods}`,
      stdout: (line) => lines.push(line),
      mounts,
      ...options,
      image,
      netns,
    });
    after(1);
    return process;
  };
  const ask = (process: HostProcess, port: number, request: Partial<NetworkRequest> = {}): Reply | string => {
    try {
      const [ip = '127.0.0.1'] = process.spec.netns.ips;
      return kernel.complete(tester, 'ask', host.network.request({ ip, port, protocol: 'tcp', timeout: seconds(1), ...request }));
    } catch (error) {
      return messageOf(error);
    }
  };
  const get = (process: HostProcess, port: number, path = '/'): number | string => {
    const reply = ask(process, port, { protocol: 'http', http: { path } });
    return typeof reply === 'string' ? reply : (reply.http?.status ?? 'no HTTP');
  };
  const exec = (process: HostProcess, ...argv: string[]) => kernel.complete(tester, 'exec', host.processes.exec(process, argv));
  const stop = (process: HostProcess, signal: SignalName = 'SIGTERM'): number | undefined => {
    process.signal(signal);
    after(seconds(30));
    return process.exitCode;
  };
  return { kernel, host, start, ask, get, exec, stop, after, lines, warnings };
}

describe('images', () => {
  test.each([
    ['nginx', 'nginx'],
    ['docker.io/library/nginx:1.27-alpine@sha256:0123', 'nginx'],
    ['registry.k8s.io/e2e-test-images/agnhost:2.53', 'e2e-test-images/agnhost'],
    ['localhost:5000/my/app', 'my/app'],
    ['bitnami/redis:7', 'bitnami/redis'],
    ['us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo/frontend:v0.10.6', 'online-boutique-ci/microservices-demo/frontend'],
  ])('repository: %s is %s', (image, repository) => {
    expect(repositoryOf(image)).toBe(repository);
  });

  test.each([
    ['nginx:1.27', [], 'nginx'],
    ['nginx', ['sleep', '5'], 'command'],
    ['nginx', ['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'], 'nginx'],
    ['bitnami/redis:7', [], 'redis'],
    ['busybox', ['sh', '-c', 'true'], 'command'],
    ['busybox', [], 'command'],
    ['mycompany/shop:v1', [], 'default'],
    ['mycompany/shop:v1', ['/app/server', '--port=80'], 'default'],
    ['mycompany/cache', ['docker-entrypoint.sh', 'redis-server'], 'redis'],
    ['registry.k8s.io/pause:3.10', ['/pause'], 'pause'],
    ['registry.k8s.io/e2e-test-images/agnhost:2.53', ['netexec'], 'agnhost'],
    ['slipway/test', [], 'test'],
    ['gcr.io/google-samples/gb-frontend:v5', [], 'guestbook'],
  ] as const)('resolve: image %s with %j runs %s', (image, argv, name) => {
    expect(programs().resolve(image, argv).name).toBe(name);
  });

  test('resolve: own programs come first, and bring a shell unless they have their own exec', () => {
    const mine = defineProgram({
      name: 'mine',
      images: ['my/*', 'nginx'],
      *run(context) {
        context.files.write('/tmp/here', 'x');
        yield* context.signals.receive();
        return 3;
      },
    });
    const { start, exec, stop } = world([mine]);
    const process = start('example.com/my/app:1');
    expect(exec(process, 'cat', '/tmp/here').stdout).toBe('x');
    expect(stop(process)).toBe(3);
    expect(programs([mine]).resolve('nginx:1.27', ['sleep', '1']).name).toBe('mine');
    expect(programs([mine]).resolve('redis', []).name).toBe('redis');
  });

  test('catalogue: each image and command has one program', () => {
    const names = BUILT_IN.flatMap(({ images, commands = [] }) => [
      ...images.map((image) => `image ${image}`),
      ...commands.map((command) => `command ${command}`),
    ]);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test('catalogue: every program starts, and ends at SIGKILL; whatever it is asked it answers or refuses', () => {
    const { start, ask, host } = world();
    for (const { images } of BUILT_IN) {
      const image = images.find((name) => !name.includes('*'));
      if (image === undefined) continue;
      const process = start(image, {
        env: { MYSQL_ROOT_PASSWORD: 'x', POSTGRES_PASSWORD: 'x' },
        annotations: { 'io.kubernetes.container.ports': '[{"containerPort":9999,"protocol":"TCP"}]' },
      });
      for (const protocol of ['tcp', 'http', 'grpc'] as const) expect(ask(process, 9999, { protocol, http: { path: '/' } })).toBeDefined();
      process.signal('SIGKILL');
      expect(process.state).toBe('exited');
    }
    expect(host.processes.size).toBe(0);
  });
});

describe('servers', () => {
  test('nginx: listens after its start, serves files, stops at SIGTERM and SIGQUIT', () => {
    const { start, get, after, stop, exec } = world();
    const web = start('nginx:1.27');
    expect(get(web, 80)).toContain('connection refused');
    after(seconds(1));
    expect([get(web, 80), get(web, 80, '/nowhere'), get(web, 8080)]).toEqual([
      200,
      404,
      'dial tcp 10.0.0.1:8080: connect: connection refused',
    ]);
    expect(exec(web, 'sh', '-c', 'echo hi > /usr/share/nginx/html/hi.html && curl -s localhost/hi.html').stdout).toBe('hi\n');
    expect(exec(web, 'curl', '-sf', 'http://localhost/none').exitCode).toBe(22);
    expect(exec(web, 'wget', '-qO-', 'http://localhost:80/').stdout).toContain('Welcome to nginx!');
    expect(stop(web)).toBe(0);
    const hooked = start('nginx');
    after(seconds(1));
    expect(exec(hooked, '/usr/sbin/nginx', '-s', 'quit').exitCode).toBe(0);
    after(seconds(1));
    expect(hooked.exitCode).toBe(0);
  });

  test('nginx: a configuration in a volume says where it listens', () => {
    const { start, get, after } = world();
    const web = start('nginx', {
      files: { '/etc/nginx/conf.d/default.conf': 'server {\n  listen 8080;\n  location /healthz { return 200; }\n}\n' },
    });
    after(seconds(1));
    expect([get(web, 8080, '/healthz'), get(web, 80)]).toEqual([200, 'dial tcp 10.0.0.1:80: connect: connection refused']);
  });

  test('server: two in one pod on one port: the second fails as in life', () => {
    const { start, after, lines } = world();
    const first = start('nginx');
    const second = start('nginx', { netns: first.spec.netns });
    after(seconds(1));
    expect([first.state, second.exitCode, lines]).toEqual([
      'running',
      1,
      ['nginx: bind() to 0.0.0.0:80 failed (98: Address already in use)'],
    ]);
  });

  test('redis: answers PING, to clients as to raw connections', () => {
    const { start, ask, after, exec, stop } = world();
    const redis = start('redis:7-alpine');
    expect(exec(redis, 'redis-cli', 'ping')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Could not connect to Redis at 127.0.0.1:6379: Connection refused\n',
    });
    after(seconds(1));
    expect(ask(redis, 6379, { data: 'PING\r\n' })).toEqual({ data: '+PONG\r\n' });
    expect(exec(redis, 'sh', '-c', '[ "$(redis-cli ping)" = PONG ]').exitCode).toBe(0);
    expect(stop(redis)).toBe(0);
  });

  test('databases: ask for a password, and start quickly on data from before', () => {
    const { start, after, exec, lines, kernel, host } = world();
    const bare = start('mysql:8');
    expect([bare.exitCode, lines[0]]).toEqual([1, '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified']);
    host.files.makeDirectory('/pv', { recursive: true });
    const volume = [{ source: '/pv', destination: '/var/lib/mysql' }];
    const run = (env: Record<string, string>): number => {
      const from = kernel.now;
      const process = start('mysql:8', { env, mounts: volume });
      while (exec(process, 'mysqladmin', 'ping').exitCode !== 0) after(seconds(1));
      process.signal('SIGTERM');
      after(seconds(5));
      expect(process.exitCode).toBe(0);
      return kernel.now - from;
    };
    const first = run({ MYSQL_ROOT_PASSWORD: 'secret' });
    expect(run({})).toBeLessThan(first);
  });

  test('postgres: pg_isready tells when it is ready', () => {
    const { start, after, exec, stop } = world();
    const database = start('postgres:16', { env: { POSTGRES_PASSWORD: 'x' } });
    expect(exec(database, 'pg_isready', '-U', 'postgres').exitCode).toBe(2);
    after(seconds(10));
    expect(exec(database, 'pg_isready', '-U', 'postgres').exitCode).toBe(0);
    expect(stop(database, 'SIGINT')).toBe(0);
  });

  test('node: without a handler only SIGKILL ends it; the ports are those of the pod', () => {
    const { start, get, after, stop } = world();
    const app = start('node:20', {
      argv: ['node', 'server.js'],
      annotations: { 'io.kubernetes.container.ports': '[{"name":"http","containerPort":3000,"protocol":"TCP"}]' },
    });
    after(seconds(2));
    expect([get(app, 3000), get(app, 3001), stop(app)]).toEqual([
      200,
      'dial tcp 10.0.0.1:3000: connect: connection refused'.replace('3000', '3001'),
      undefined,
    ]);
  });

  test('gRPC services: health answers on the port that PORT gives', () => {
    const { start, ask, after } = world();
    const shipping = start('us-central1-docker.pkg.dev/online-boutique-ci/microservices-demo/shippingservice:v0.10.6', {
      env: { PORT: '50052' },
    });
    after(seconds(2));
    expect(ask(shipping, 50052, { protocol: 'grpc' })).toEqual({ grpc: { status: 'SERVING' } });
  });

  test('unknown image: runs, answers every probe, stops at once; as an init container it succeeds', () => {
    const { start, get, ask, exec, stop, after, warnings } = world();
    const app = start('mycompany/shop:v1', {
      annotations: { 'io.kubernetes.container.ports': '[{"containerPort":8080,"protocol":"TCP"}]' },
    });
    expect([get(app, 8080, '/healthz'), get(app, 9), ask(app, 50051, { protocol: 'grpc' })]).toEqual([
      200,
      200,
      { grpc: { status: 'SERVING' } },
    ]);
    expect(exec(app, '/bin/my-probe', '--deep').exitCode).toBe(0);
    expect(stop(app)).toBe(0);
    const init = start('mycompany/migrate', { oneShot: true });
    after(seconds(2));
    expect(init.exitCode).toBe(0);
    expect(warnings).toEqual([
      'pod-1: the command "/bin/my-probe" is not simulated; it is taken to succeed',
      'pod-2: what image "mycompany/migrate" does is not simulated; it is taken to succeed',
    ]);
  });

  test('names: /etc/hosts of a volume counts, then DNS', () => {
    const { start, exec, host } = world();
    const pod = start('busybox', {
      argv: ['sleep', '100'],
      files: { '/etc/hosts': '127.0.0.1 localhost\n10.9.9.9 db db.local # alias\n' },
    });
    host.network.names = function* (name) {
      return name === 'web.default.svc.cluster.local' ? ['10.96.0.7'] : [];
    };
    expect(exec(pod, 'getent', 'hosts', 'db.local').stdout).toBe('10.9.9.9        db.local\n');
    expect(exec(pod, 'nslookup', 'web.default.svc.cluster.local').stdout).toContain('Address: 10.96.0.7');
    expect(exec(pod, 'sh', '-c', 'until nslookup nowhere; do exit 9; done')).toEqual({
      exitCode: 9,
      stdout: '',
      stderr: "** server can't find nowhere: NXDOMAIN\n",
    });
    expect(exec(pod, 'curl', 'http://nowhere/').exitCode).toBe(6);
  });

  test('network clients: wget and curl show the head of an answer', () => {
    const { start, exec } = world();
    const pod = start('busybox', { argv: ['sleep', '100'] });
    pod.context.listen('tcp', 80, ({ http }) => ({
      http: { status: http?.path === '/' ? 200 : 503, headers: { 'X-Who': 'me' }, body: 'hello' },
    }));
    expect(exec(pod, 'wget', '-qSO-', 'http://localhost/')).toEqual({
      exitCode: 0,
      stdout: 'hello',
      stderr: '  HTTP/1.1 200 OK\n  X-Who: me\n',
    });
    expect(exec(pod, 'sh', '-c', "wget --server-response http://localhost/x 2>&1 | awk '/^  HTTP/{print $2}'").stdout).toBe('503\n');
    expect(exec(pod, 'wget', '-q', 'http://localhost/x').stderr).toBe('wget: server returned error: HTTP/1.1 503 Service Unavailable\n');
    expect(exec(pod, 'curl', '-si', 'http://localhost/').stdout).toBe('HTTP/1.1 200 OK\r\nX-Who: me\r\n\r\nhello');
  });

  test('files: what a container wrote into a volume and synced outlives power, the rest may not', () => {
    const { host, start, exec } = world();
    host.devices.set('/dev/xvdba', new Disk({ cached: true }));
    host.files.makeDirectory('/volume', { recursive: true });
    host.mounts.mount('/dev/xvdba', '/volume', { type: 'ext4' });
    const pod = start('busybox', { argv: ['sleep', '100'], mounts: [{ source: '/volume', destination: '/data' }] });
    expect(exec(pod, 'sh', '-c', 'for i in 1 2; do echo $i >> /data/kept; done; sync').exitCode).toBe(0);
    expect(exec(pod, 'sh', '-c', 'echo x | dd of=/data/zeroes if=/dev/zero bs=4 count=1 conv=fsync; echo 3 >> /data/kept').exitCode).toBe(
      0,
    );
    expect(exec(pod, 'cat', '/data/kept').stdout).toBe('1\n2\n3\n');
    host.powerOff();
    expect(host.devices.get('/dev/xvdba')?.readText('/kept')).toBe('1\n2\n');
    expect(host.devices.get('/dev/xvdba')?.exists('/zeroes')).toBe(true);
  });

  test('memory: a model fits into its limit', () => {
    const { start, after } = world();
    const database = start('mysql', { env: { MYSQL_ROOT_PASSWORD: 'x' }, memoryLimitBytes: 128 * 1024 * 1024 });
    after(seconds(30));
    expect([database.state, database.memoryBytes < 128 * 1024 * 1024]).toEqual(['running', true]);
  });
});

describe('agnhost', () => {
  test('netexec: echoes with a status, tells its name, and exits when asked', () => {
    const { start, ask, after } = world();
    const pod = start('registry.k8s.io/e2e-test-images/agnhost:2.53', { argv: ['/agnhost', 'netexec', '--http-port=8080'] });
    const http = (path: string) => ask(pod, 8080, { protocol: 'http', http: { path } });
    expect(http('/hostname')).toEqual({ http: { status: 200, body: 'pod-1' } });
    expect(http('/echo?msg=hello%20you&code=418')).toEqual({ http: { status: 418, body: 'hello you' } });
    expect(http('/shell?cmd=echo%20hi')).toEqual({ http: { status: 200, body: '{"output":"hi\\n"}' } });
    http('/exit?code=7');
    after(seconds(1));
    expect(pod.exitCode).toBe(7);
  });

  test('netexec: shuts down late if told so', () => {
    const { start, after } = world();
    const pod = start('agnhost', { argv: ['netexec', '--delay-shutdown', '5'] });
    pod.signal('SIGTERM');
    after(seconds(4));
    expect(pod.state).toBe('running');
    after(seconds(2));
    expect(pod.exitCode).toBe(0);
  });

  test('liveness: is well for ten seconds', () => {
    const { start, get, after } = world();
    const pod = start('registry.k8s.io/e2e-test-images/agnhost:2.40', { argv: ['liveness'] });
    expect(get(pod, 8080, '/healthz')).toBe(200);
    after(seconds(11));
    expect(get(pod, 8080, '/healthz')).toBe(500);
  });

  test('connect: says in a word why not', () => {
    const { start, lines, after } = world();
    const server = start('agnhost', { argv: ['serve-hostname'] });
    const [ip] = server.spec.netns.ips;
    const well = start('agnhost', { argv: ['connect', `${ip}:9376`] });
    const refused = start('agnhost', { argv: ['connect', `${ip}:80`] });
    after(milliseconds(1));
    expect([well.exitCode, refused.exitCode, lines]).toEqual([0, 1, ['REFUSED']]);
  });
});

describe('test image', () => {
  test('knobs: start, readiness, health and end come when they were set for', () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.nat(5),
        fc.integer({ min: 6, max: 12 }),
        fc.integer({ min: 13, max: 20 }),
        fc.integer({ min: 0, max: 255 }),
        (delay, ready, unhealthy, end, code) => {
          const { start, get, after, kernel } = world();
          const pod = start('slipway/test', {
            env: {
              START_DELAY: `${delay}s`,
              READY_AFTER: String(ready),
              UNHEALTHY_AFTER: `${unhealthy}s`,
              EXIT_AFTER: `${end}s`,
              EXIT_CODE: String(code),
            },
          });
          after(milliseconds(500));
          for (let second = 0; second < end; second += 1, after(seconds(1))) {
            const open = second >= delay;
            expect(get(pod, 8080, '/ready') === 200).toBe(open && second >= ready);
            expect(get(pod, 8080, '/healthz') === 200).toBe(open && second < unhealthy);
          }
          expect([pod.exitCode, pod.finishedAt, kernel.now > seconds(end)]).toEqual([code, seconds(end), true]);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('knobs: memory beyond the limit is killed, and SIGTERM can be ignored', () => {
    const { start, after, stop } = world();
    const greedy = start('slipway/test', { env: { ALLOCATE: '200Mi', ALLOCATE_AFTER: '2s' }, memoryLimitBytes: 100 * 1024 * 1024 });
    after(seconds(3));
    expect([greedy.exitCode, greedy.oomKilled, greedy.finishedAt]).toEqual([137, true, seconds(2)]);
    expect(stop(start('slipway/test', { env: { IGNORE_SIGTERM: '1' } }))).toBeUndefined();
    expect(stop(start('slipway/test', { env: { STOP_DELAY: '3s' } }))).toBe(0);
  });
});

test('cost: 5,000 idle servers take little memory and, once started, no events', () => {
  const { kernel, host, after } = world();
  const before = process.memoryUsage().heapUsed;
  const containers = Array.from({ length: 5000 }, (_, at) =>
    host.processes.start({ name: `pod-${at}`, argv: [], image: 'nginx:1.27', netns: host.network.create(`/ns/pod-${at}`) }),
  );
  after(seconds(5));
  const each = (process.memoryUsage().heapUsed - before) / containers.length;
  const events = kernel.eventCount;
  after(seconds(3600));
  expect(containers.every(({ state, spec }) => state === 'running' && spec.netns.sockets.length === 1)).toBe(true);
  expect(kernel.eventCount - events).toBeLessThan(10);
  expect(each).toBeLessThan(6000);
});
