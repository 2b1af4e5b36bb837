import type { HttpReply, NetworkRequest, ProgramContext, Reply } from '@slipway/host';
import { codeOf, type Micros, type Process, seconds, milliseconds } from '@slipway/kernel';
import { defineProgram } from './define-program.ts';
import { MiB, portFrom } from './server.ts';

// Kubernetes' own test image: test/images/agnhost in kubernetes/kubernetes.

type Subcommand = (context: ProgramContext) => Process<number>;

/** Runs the subcommand that the arguments name; `pause` if they name none, as the image's CMD does. */
export const agnhost = defineProgram({
  name: 'agnhost',
  images: ['agnhost', 'e2e-test-images/agnhost'],
  commands: ['agnhost'],
  *run(context) {
    const name = context.argv.find((arg, index) => !arg.startsWith('-') && !(index === 0 && arg.endsWith('agnhost'))) ?? 'pause';
    context.use({ memoryBytes: 10 * MiB, cpuNanocores: 1_000_000 });
    const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
    if (subcommand) return yield* subcommand(context);
    context.warn(`${context.process.name}: agnhost ${name} is not simulated; it waits like agnhost pause`);
    return yield* untilStopped(context);
  },
});

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  *pause(context) {
    context.print('Paused');
    return yield* untilStopped(context);
  },
  netexec,
  *'serve-hostname'(context) {
    const port = portFrom(context, ['--port'], []) ?? 9376;
    context.listen('tcp', port, (request) => (request.protocol === 'http' ? ok(`${context.hostname}`) : { data: `${context.hostname}\n` }));
    context.listen('udp', port, () => ({ data: `${context.hostname}\n` }));
    return yield* untilStopped(context);
  },
  /** Well for ten seconds, then never again (liveness/server.go). */
  *liveness(context) {
    context.listen('tcp', 8080, ({ http }) => {
      const path = pathOf(http?.path);
      const age = ageOf(context);
      if (path === '/started') return ok(`${age / 1_000_000}s`);
      if (path === '/healthz' && age > seconds(10)) return { http: { status: 500, body: `error: ${age / 1_000_000}` } };
      return ok('ok');
    });
    return yield* untilStopped(context);
  },
  *'test-webserver'(context) {
    context.listen('tcp', portFrom(context, ['--port'], []) ?? 80, ({ http }) => {
      const path = pathOf(http?.path);
      if (path === '/') return ok('<pre></pre>\n');
      return context.files.exists(path) && context.files.status(path).kind === 'file'
        ? ok(context.files.readText(path))
        : { http: { status: 404, body: '404 page not found\n' } };
    });
    return yield* untilStopped(context);
  },
  /** `SERVE_PORT_8080=text` answers with the text on that port. */
  *porter(context) {
    for (const [name, body] of Object.entries(context.env)) {
      const port = /^SERVE_(?:TLS_)?PORT_(\d+)$/.exec(name)?.[1];
      if (port !== undefined) context.listen('tcp', Number(port), () => ok(body));
    }
    return yield* untilStopped(context);
  },
  *'grpc-health-checking'(context) {
    const unhealthyAfter = seconds(portFrom(context, ['--delay-unhealthy-sec'], []) ?? Number.MAX_SAFE_INTEGER / 1_000_000);
    let serving = true;
    context.listen('tcp', portFrom(context, ['--port'], []) ?? 5000, () => ({
      grpc: { status: serving && ageOf(context) < unhealthyAfter ? 'SERVING' : 'NOT_SERVING' },
    }));
    context.listen('tcp', portFrom(context, ['--http-port'], []) ?? 8080, ({ http }) => {
      const path = pathOf(http?.path);
      if (path === '/make-serving' || path === '/make-not-serving') serving = path === '/make-serving';
      return ok('');
    });
    return yield* untilStopped(context);
  },
  /** `connect host:port --timeout 5s`: exit code 0, or 1 with one word of why not (connect/connect.go). */
  *connect(context) {
    const address = context.argv.find((arg) => /^[^-].*:\d+$/.test(arg)) ?? '';
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    const [ip] = yield* context.lookup(host);
    const word = ip === undefined ? 'DNS' : yield* reach(context, ip, Number(port));
    if (word === undefined) return 0;
    context.printError(word);
    return 1;
  },
  *'logs-generator'(context) {
    const total = portFrom(context, ['--log-lines-total', '-t'], ['LOGS_GENERATOR_LINES_TOTAL']) ?? 1000;
    const span = seconds(portFrom(context, ['--run-duration'], []) ?? 1);
    for (let line = 0; line < total; line += 1) {
      context.print(
        `I0101 00:00:00.000000       1 logs_generator.go:76] ${line} GET /api/v1/namespaces/default/pods/${context.random.text(4, 'abcdefghijklmnopqrstuvwxyz')} ${context.random.integer(200, 599)}`,
      );
      yield* context.sleep(Math.floor(span / total));
    }
    return 0;
  },
  *'entrypoint-tester'(context) {
    context.print(JSON.stringify(context.argv));
    return 0;
  },
};

function* reach(context: ProgramContext, ip: string, port: number): Process<string | undefined> {
  try {
    yield* context.request({ ip, port, protocol: 'tcp', timeout: seconds(portFrom(context, ['--timeout'], []) ?? 5) });
    return undefined;
  } catch (error) {
    return codeOf(error) === 'ECONNREFUSED' ? 'REFUSED' : codeOf(error) === 'ETIMEDOUT' ? 'TIMEOUT' : 'OTHER';
  }
}

/** netexec/netexec.go: HTTP on 8080, UDP on 8081; `/exit` ends it, SIGTERM after `--delay-shutdown` seconds. */
function* netexec(context: ProgramContext): Process<number> {
  const serve = (request: NetworkRequest): Reply | Process<Reply> => (request.protocol === 'http' ? answer(context, request) : {});
  context.listen('tcp', portFrom(context, ['--http-port'], []) ?? 8080, serve);
  context.listen('udp', portFrom(context, ['--udp-port'], []) ?? 8081, ({ data = '' }) => ({
    data: /hostname/i.test(data) ? context.hostname : data.replace(/^echo /, ''),
  }));
  return yield* untilStopped(context, seconds(portFrom(context, ['--delay-shutdown'], []) ?? 0));
}

function answer(context: ProgramContext, { http, sourceIp }: NetworkRequest): Reply | Process<Reply> {
  const [path = '/', text = ''] = (http?.path ?? '/').split('?');
  const query = new Map(text.split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]));
  switch (path.toLowerCase()) {
    case '/':
      return ok(`NOW: ${context.unixMicros}`);
    case '/hostname':
      return ok(context.hostname);
    case '/healthz':
    case '/readyz':
      return ok('');
    case '/echo':
      return { http: { status: Number(query.get('code') || 200), body: query.get('msg') ?? '' } };
    case '/clientip':
      return ok(sourceIp ?? '');
    case '/header':
      return ok(http?.headers?.[query.get('key') ?? ''] ?? JSON.stringify(http?.headers ?? {}));
    case '/exit':
      context.spawn('exit', leave(context, Number(query.get('code') || 0)));
      return ok('');
    case '/shell':
      return shell(context, query.get('shellCommand') ?? query.get('cmd') ?? '');
    case '/dial':
      return dial(context, query);
    default:
      return { http: { status: 404, body: '404 page not found\n' } };
  }
}

function* shell(context: ProgramContext, command: string): Process<Reply> {
  const { stdout, stderr, exitCode } = yield* context.process.host.processes.exec(context.process, ['sh', '-c', command]);
  return {
    http: { status: exitCode === 0 ? 200 : 500, body: JSON.stringify({ output: stdout, ...(stderr === '' ? {} : { error: stderr }) }) },
  };
}

function* dial(context: ProgramContext, query: ReadonlyMap<string, string>): Process<Reply> {
  const [ip] = yield* context.lookup(query.get('host') ?? '');
  const responses: string[] = [];
  const errors: string[] = [];
  for (let left = Number(query.get('tries') ?? 1); left > 0; left -= 1) {
    try {
      const path = `/${query.get('request') ?? ''}`;
      const udp = query.get('protocol') === 'udp';
      const request = udp ? { protocol: 'udp' as const, data: path.slice(1) } : { protocol: 'http' as const, http: { path } };
      const reply = yield* context.request({ ip: ip ?? '', port: Number(query.get('port')), timeout: seconds(5), ...request });
      responses.push(reply.http?.body ?? reply.data ?? '');
    } catch (error) {
      errors.push(codeOf(error));
    }
  }
  const body = JSON.stringify({ responses, ...(errors.length > 0 ? { errors } : {}) });
  return { http: { status: responses.length > 0 ? 200 : 417, body } };
}

/** Answers first, ends then. */
function* leave(context: ProgramContext, code: number): Process {
  yield* context.sleep(milliseconds(1));
  context.process.exit(code);
}

function* untilStopped(context: ProgramContext, delay: Micros = 0): Process<number> {
  for (;;) {
    const signal = yield* context.signals.receive();
    if (signal !== 'SIGTERM' && signal !== 'SIGINT') continue;
    yield* context.sleep(delay);
    return 0;
  }
}

const ok = (body: string): { readonly http: HttpReply } => ({ http: { status: 200, body } });
const pathOf = (path: string | undefined): string => (path ?? '/').replace(/\?.*/, '');
const ageOf = ({ process }: ProgramContext): Micros => process.host.kernel.now - (process.startedAt ?? 0);
