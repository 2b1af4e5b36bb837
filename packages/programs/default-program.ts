import type { NetworkRequest, Program, ProgramContext, Reply } from '@slipway/host';
import { codeOf, milliseconds, seconds, type Process } from '@slipway/kernel';
import { declaredPorts, MiB } from './server.ts';

/** Answers whatever it is asked, so that every probe succeeds. */
function welcome(request: NetworkRequest): Reply {
  if (request.protocol === 'http') return { http: { status: 200, body: 'ok\n' } };
  if (request.protocol === 'grpc') return { grpc: { status: 'SERVING' } };
  return {};
}

/**
 * What stands in for an image without a model: runs until SIGTERM, listens on its container ports, answers every probe. Where it must end
 * by itself (an init container, a Job) it succeeds after a second.
 */
export const defaultProgram: Program = {
  name: 'default',
  *run(context) {
    const limit = context.process.spec.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
    context.use({ memoryBytes: Math.min(64 * MiB, Math.floor(limit / 2)), cpuNanocores: 1_000_000 });
    if (context.oneShot) {
      context.warn(`${context.process.name}: what image "${context.image ?? ''}" does is not simulated; it is taken to succeed`);
      yield* context.sleep(seconds(1));
      return 0;
    }
    open(context);
    return yield* untilTold(context);
  },
};

function open(context: ProgramContext): void {
  const declared = declaredPorts(context);
  for (const { containerPort, protocol } of declared) {
    try {
      context.listen(protocol, containerPort, welcome);
    } catch (error) {
      // Two that declare one port may still share it in life (SO_REUSEPORT, or a declaration that is wrong): the first answers.
      if (codeOf(error) !== 'EADDRINUSE') throw error;
    }
  }
  // Probes may name ports that the pod does not declare. On the machine's own network that would be every port of the machine.
  if (context.netns.path !== '' || declared.length === 0) context.listen('tcp', 0, welcome);
}

function* untilTold(context: ProgramContext): Process<number> {
  for (;;) {
    const signal = yield* context.signals.receive();
    if (signal !== 'SIGTERM' && signal !== 'SIGINT' && signal !== 'SIGQUIT') continue;
    yield* context.sleep(milliseconds(10));
    return 0;
  }
}
