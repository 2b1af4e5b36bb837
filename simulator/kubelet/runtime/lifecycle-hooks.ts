import type { RuntimeService } from '@slipway/cri';
import { decodeUtf8, type Host } from '@slipway/host';
import { type Client, codeOf, messageOf, type Process, seconds, sleep, timeout } from '@slipway/kernel';
import type { Container, IntOrString, LifecycleHandler, Pod } from '@slipway/kube';
import { formatPod } from '../decisions/containers.ts';
import { isExpectedFailure } from '../failure.ts';

/** A hook that failed. */
export class HookError extends Error {
  readonly code = 'HookFailed';
}

/** Number of a port given by number or by the name of one of the container's ports. Source: `pkg/probe/util.go` ResolveContainerPort. */
export function portNumber(port: IntOrString, container: Container): number {
  const number = typeof port === 'number' ? port : (container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port));
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new HookError(typeof port === 'number' || !Number.isNaN(number) ? `invalid port number: ${port}` : `couldn't find port: ${port}`);
}

/** Runs what the kubelet does in and around a container for its hooks. Source: `pkg/kubelet/lifecycle/handlers.go`. */
export class LifecycleHooks {
  readonly #runtime: Client<RuntimeService>;
  readonly #host: Host;

  constructor(runtime: Client<RuntimeService>, host: Host) {
    this.#runtime = runtime;
    this.#host = host;
  }

  /** @param podIP where the pod answers, for requests over the network. @throws HookError */
  *run(handler: LifecycleHandler, pod: Pod, container: Container, containerId: string, podIP: string | undefined): Process {
    const where = `for Container "${container.name}" in Pod "${formatPod(pod)}" failed - error:`;
    const { exec, httpGet } = handler;
    if (handler.sleep) {
      yield* sleep(seconds(handler.sleep.seconds));
      return;
    }
    if (exec) {
      const command = exec.command ?? [];
      const what = `Exec lifecycle hook ([${command.join(' ')}]) ${where}`;
      const { exitCode, stdout, stderr } = yield* orHookError(this.#runtime.execSync({ containerId, cmd: command, timeout: 0 }), what);
      if (exitCode === 0) return;
      const output = JSON.stringify(decodeUtf8(stdout) + decodeUtf8(stderr));
      throw new HookError(`${what} command '${command.join(' ')}' exited with ${exitCode}: ${decodeUtf8(stderr)}, message: ${output}`);
    }
    if (httpGet) {
      const path = httpGet.path ?? '/';
      const ip = httpGet.host || podIP;
      if (ip === undefined) throw new HookError('failed to find networking container');
      const request = {
        ip,
        port: portNumber(httpGet.port, container),
        protocol: 'http' as const,
        http: {
          method: 'GET',
          path,
          headers: Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value])),
          scheme: httpGet.scheme === 'HTTPS' ? ('https' as const) : ('http' as const),
        },
      };
      yield* orHookError(this.#host.network.request(request), `HTTP lifecycle hook (${path}) ${where}`);
      return;
    }
    throw new HookError('Cannot run handler: invalid handler');
  }

  /** Runs a hook for at most `limitSeconds`. @returns false when the time was up */
  *runWithin(limitSeconds: number, hook: Process): Process<boolean> {
    try {
      yield* timeout(hook, seconds(limitSeconds));
      return true;
    } catch (error) {
      if (codeOf(error) === 'DEADLINE_EXCEEDED') return false;
      throw error;
    }
  }
}

function* orHookError<T>(call: Process<T>, what: string): Process<T> {
  try {
    return yield* call;
  } catch (error) {
    if (!isExpectedFailure(error)) throw error;
    throw new HookError(`${what} ${messageOf(error)}`);
  }
}
