import type { NetworkRequest, ProgramContext, Reply } from '@slipway/host';
import { type Micros, parseDuration, type Process, race, seconds } from '@slipway/kernel';
import { bytesOf } from './commands/files.ts';
import { defineProgram } from './define-program.ts';

/**
 * The image `slipway/test`, whose behaviour its environment sets. Durations are written `5s`, or as plain seconds.
 *
 * | variable | what it does |
 * |---|---|
 * | `START_DELAY` | nothing listens before |
 * | `READY_AFTER` | `/ready` and gRPC health fail until so long after the start |
 * | `UNHEALTHY_AFTER` | `/healthz`, and every exec, fail from so long after the start on |
 * | `EXIT_AFTER`, `EXIT_CODE` | ends by itself; `EXIT_CODE` alone ends it at once |
 * | `ALLOCATE`, `ALLOCATE_AFTER` | bytes such as `200Mi`, beyond the limit it is killed |
 * | `CPU` | cores it uses, such as `0.5` |
 * | `IGNORE_SIGTERM` | any value: only SIGKILL ends it |
 * | `STOP_DELAY` | from SIGTERM to the end |
 * | `PORT` | 8080 if left out |
 * | `PRINT` | a line for the log |
 */
export const testImage = defineProgram({
  name: 'test',
  images: ['slipway/test', 'slipway-test'],
  *run(context) {
    const { env } = context;
    const cpu = Number(env['CPU'] ?? 0.001);
    context.use({ memoryBytes: bytesOf('8Mi'), cpuNanocores: Math.round(cpu * 1_000_000_000) });
    if (env['PRINT'] !== undefined) context.print(env['PRINT']);
    if (env['ALLOCATE'] !== undefined) {
      const after = span(env['ALLOCATE_AFTER']) ?? 0;
      context.spawn('allocate', allocate(context, bytesOf(env['ALLOCATE']), after));
    }
    const exitAfter = span(env['EXIT_AFTER']) ?? (env['EXIT_CODE'] === undefined ? undefined : 0);
    const running = work(context);
    return exitAfter === undefined ? yield* running : yield* race([running, exit(context, exitAfter, Number(env['EXIT_CODE'] ?? 0))]);
  },
  *exec(context, argv) {
    if (age(context) >= (span(context.env['UNHEALTHY_AFTER']) ?? Number.POSITIVE_INFINITY))
      return { exitCode: 1, stdout: '', stderr: 'unhealthy\n' };
    return { exitCode: 0, stdout: `${argv.join(' ')}\n`, stderr: '' };
  },
});

function* work(context: ProgramContext): Process<number> {
  const { env } = context;
  yield* context.sleep(span(env['START_DELAY']) ?? 0);
  context.listen('tcp', Number(env['PORT'] ?? 8080), (request) => respond(context, request));
  for (;;) {
    const signal = yield* context.signals.receive();
    if (signal !== 'SIGTERM' || env['IGNORE_SIGTERM'] !== undefined) continue;
    yield* context.sleep(span(env['STOP_DELAY']) ?? 0);
    return 0;
  }
}

function* exit(context: ProgramContext, after: Micros, code: number): Process<number> {
  yield* context.sleep(after);
  return code;
}

function* allocate(context: ProgramContext, memoryBytes: number, after: Micros): Process {
  yield* context.sleep(after);
  context.use({ memoryBytes });
}

function respond(context: ProgramContext, { protocol, http }: NetworkRequest): Reply {
  const ready = age(context) >= (span(context.env['READY_AFTER']) ?? 0);
  const healthy = age(context) < (span(context.env['UNHEALTHY_AFTER']) ?? Number.POSITIVE_INFINITY);
  if (protocol === 'grpc') return { grpc: { status: ready && healthy ? 'SERVING' : 'NOT_SERVING' } };
  if (protocol !== 'http') return {};
  const path = http?.path.replace(/\?.*/, '');
  const well = path === '/ready' ? ready : path === '/healthz' ? healthy : true;
  return { http: { status: well ? 200 : 503, body: path === '/' ? `${context.hostname}\n` : well ? 'ok\n' : 'not ok\n' } };
}

const age = ({ process }: ProgramContext): Micros => process.host.kernel.now - (process.startedAt ?? 0);

const span = (text: string | undefined): Micros | undefined =>
  text === undefined ? undefined : /^\d+(\.\d+)?$/.test(text) ? seconds(Number(text)) : parseDuration(text);
