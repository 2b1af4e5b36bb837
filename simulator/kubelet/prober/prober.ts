import type { RuntimeService } from '@slipway/cri';
import { decodeUtf8, type Host, type NetworkRequest, type Reply } from '@slipway/host';
import { type Client, codeOf, messageOf, type Micros, type Process, seconds } from '@slipway/kernel';
import type { Container, Probe } from '@slipway/kube';
import { isExpectedFailure } from '../failure.ts';
import { goDuration } from '../go-duration.ts';
import { HookError, portNumber } from '../runtime/lifecycle-hooks.ts';

/** What one try of a probe says. `error`: the try itself went wrong and says nothing of the container. */
export interface ProbeOutcome {
  readonly result: 'success' | 'warning' | 'failure' | 'error';
  /** For the event. */
  readonly output: string;
}

/** Tries of a probe that cannot be made, without a pause between them. Source: `pkg/kubelet/prober/prober.go`. */
const maximumTries = 3;

/** What is probed. */
export interface ProbeTarget {
  readonly probe: Probe;
  readonly container: Container;
  readonly containerId: string;
  readonly podIP: string | undefined;
}

/**
 * Makes probes: runs commands through the runtime, and asks over the node's network.
 *
 * Source: `pkg/kubelet/prober/prober.go`, `pkg/probe/{exec,http,tcp,grpc}`.
 */
export class Prober {
  readonly #runtime: Client<RuntimeService>;
  readonly #host: Host;

  constructor(runtime: Client<RuntimeService>, host: Host) {
    this.#runtime = runtime;
    this.#host = host;
  }

  *probe(target: ProbeTarget): Process<ProbeOutcome> {
    for (let tries = 1; ; tries += 1) {
      let outcome: ProbeOutcome;
      try {
        outcome = yield* this.#try(target);
      } catch (error) {
        if (!(error instanceof HookError)) throw error;
        outcome = { result: 'error', output: error.message };
      }
      if (outcome.result !== 'error' || tries === maximumTries) return outcome;
    }
  }

  /** The process of the probe's kind itself: probes are made by the thousand, and each frame between is resumed with them. */
  #try(target: ProbeTarget): Process<ProbeOutcome> {
    const { exec, httpGet, tcpSocket, grpc, timeoutSeconds = 1 } = target.probe;
    const limit = seconds(timeoutSeconds);
    if (exec) return this.#exec(exec.command ?? [], target.containerId, timeoutSeconds);
    if (httpGet) return this.#http(httpGet, target, limit);
    if (tcpSocket) return this.#tcp(tcpSocket, target, limit);
    if (grpc) return this.#grpc(grpc, target, limit);
    return missingHandler(target);
  }

  *#exec(cmd: readonly string[], containerId: string, timeoutSeconds: number): Process<ProbeOutcome> {
    try {
      const { exitCode, stdout, stderr } = yield* this.#runtime.execSync({ containerId, cmd, timeout: timeoutSeconds });
      const output = decodeUtf8(stdout) + decodeUtf8(stderr);
      return { result: exitCode === 0 ? 'success' : 'failure', output };
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      if (codeOf(error) !== 'DEADLINE_EXCEEDED') return { result: 'error', output: messageOf(error) };
      return { result: 'failure', output: `command timed out: "${cmd.join(' ')}" timed out after ${goDuration(seconds(timeoutSeconds))}` };
    }
  }

  *#http(action: NonNullable<Probe['httpGet']>, { container, podIP = '' }: ProbeTarget, limit: Micros): Process<ProbeOutcome> {
    const ip = action.host || podIP;
    const port = portNumber(action.port, container);
    const scheme = action.scheme === 'HTTPS' ? 'https' : 'http';
    const path = `/${(action.path ?? '/').replace(/^\/+/, '')}`;
    const headers: Record<string, string> = { 'user-agent': 'kube-probe/1.36', accept: '*/*' };
    for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
    const request: NetworkRequest = { ip, port, protocol: 'http', http: { method: 'GET', path, headers, scheme }, timeout: limit };
    const answer = yield* this.#ask(request);
    if ('problem' in answer) {
      const timedOut = answer.code === 'ETIMEDOUT';
      const why = timedOut ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : answer.problem;
      return { result: 'failure', output: `Get "${scheme}://${inUrl(ip)}:${port}${path}": ${why}` };
    }
    // Whoever listens without speaking HTTP still accepted the connection and closed it.
    if (!answer.http) return { result: 'failure', output: `Get "${scheme}://${inUrl(ip)}:${port}${path}": EOF` };
    const { status, body } = answer.http;
    if (status >= 200 && status < 300) return { result: 'success', output: body };
    if (status >= 300 && status < 400) return { result: 'warning', output: `Probe terminated redirects, Response body: ${body}` };
    return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
  }

  *#tcp(action: NonNullable<Probe['tcpSocket']>, { container, podIP = '' }: ProbeTarget, limit: Micros): Process<ProbeOutcome> {
    const port = portNumber(action.port, container);
    const answer = yield* this.#ask({ ip: action.host || podIP, port, protocol: 'tcp', timeout: limit });
    return 'problem' in answer ? { result: 'failure', output: answer.problem } : { result: 'success', output: '' };
  }

  *#grpc({ port, service }: NonNullable<Probe['grpc']>, { podIP = '' }: ProbeTarget, limit: Micros): Process<ProbeOutcome> {
    const address = `${inUrl(podIP)}:${port}`;
    const answer = yield* this.#ask({ ip: podIP, port, protocol: 'grpc', grpc: service ? { service } : {}, timeout: limit });
    if ('problem' in answer) {
      const output =
        answer.code === 'ETIMEDOUT'
          ? `timeout: failed to connect service "${address}" within ${goDuration(limit)}: context deadline exceeded`
          : `timeout: failed to connect service "${address}" within ${goDuration(limit)}: ${answer.problem}`;
      return { result: 'failure', output };
    }
    const status = answer.grpc?.status;
    if (status === 'SERVING') return { result: 'success', output: '' };
    if (status === undefined)
      return { result: 'failure', output: 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)' };
    return { result: 'failure', output: `service unhealthy (responded with "${status}")` };
  }

  *#ask(request: NetworkRequest): Process<Reply | { readonly problem: string; readonly code: string }> {
    try {
      return yield* this.#host.network.request(request);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      return { problem: messageOf(error), code: codeOf(error) };
    }
  }
}

function* missingHandler({ container }: ProbeTarget): Process<ProbeOutcome> {
  return { result: 'error', output: `missing probe handler for ${container.name}` };
}

const inUrl = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip);
