import type { Call } from './call.ts';
import { hashText } from './chance.ts';
import type { MethodDescriptor, Scalar, Service } from './contract.ts';
import type { Kernel } from './kernel.ts';
import type { Latency, Range } from './latency.ts';
import type { Micros } from './time.ts';
import type { Places } from './unstarted-calls.ts';

/** One method as the link runs it. */
export interface LinkMethod {
  readonly name: string;
  /** `cri.RuntimeService/RunPodSandbox`. */
  readonly title: string;
  readonly descriptor: MethodDescriptor<unknown, unknown>;
  readonly range: Range;
  readonly deadline: Micros;
  readonly key: number;
  /** How many more calls note where they are made; one count for all links of the service with callers of one sort. */
  readonly places: Places;
}

/** A method of the service with what a link has decided on. */
export function linkMethod<S>(
  kernel: Kernel,
  service: Service<S>,
  name: string,
  latency: Latency,
  key: number,
  caller: string,
): LinkMethod {
  const descriptor = (service.methods as Record<string, MethodDescriptor<unknown, unknown>>)[name] as MethodDescriptor<unknown, unknown>;
  const deadline = descriptor.deadline === undefined ? service.deadline : (descriptor.deadline ?? Number.POSITIVE_INFINITY);
  const title = methodTitle(service, name);
  const range = kernel.links.rangeOf(latency[name] ?? latency['*'] ?? 0);
  return { name, title, descriptor, range, deadline, key: hashText(name, key), places: kernel.unstarted.placesOf(title, caller) };
}

/** `cri.RuntimeService/RunPodSandbox`: interface, last part of the service's name, method with a capital. */
export function methodTitle(service: { readonly interface: string; readonly name: string }, method: string): string {
  const short = service.name.slice(service.name.lastIndexOf('.') + 1);
  return `${service.interface}.${short}/${method[0]?.toUpperCase()}${method.slice(1)}`;
}

/** What the trace line says of a call, or of its answer. */
export function summaryOf(call: Call, response: unknown): readonly Scalar[] {
  const { summary } = call.method.descriptor;
  if (!summary) return NOTHING;
  try {
    return summary(call.request, response);
  } catch {
    // A request or answer of the wrong shape is the guard's business, not the trace's.
    return NOTHING;
  }
}

const NOTHING: readonly Scalar[] = [];
