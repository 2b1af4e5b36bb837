import {
  HostError,
  isWithin,
  type NetworkRequest,
  normalPath,
  type ProgramContext,
  type Reply,
  type SignalName,
  type Transport,
} from '@slipway/host';
import { codeOf, type Micros, messageOf, milliseconds, type Process } from '@slipway/kernel';
import type { ImageProgram } from './define-program.ts';

/** What a port answers to. */
export type Speech = 'http' | 'grpc' | 'tcp' | 'any';

export interface ServerPort {
  readonly port: number;
  readonly speaks: Speech;
  /** `tcp` if left out. */
  readonly transport?: Transport;
}

/** What a signal does: the program ends so much later with this code. A signal that has no entry is ignored. */
export interface Stop {
  readonly after: Micros;
  readonly exitCode: number;
}

/** A server as data. */
export interface ServerModel {
  readonly name: string;
  /** See `ImageProgram`. */
  readonly images: readonly string[];
  readonly commands?: readonly string[];
  /** What it listens on; a function where arguments, environment or configuration files say. */
  readonly ports: readonly ServerPort[] | ((context: ProgramContext) => readonly ServerPort[]);
  /** From start to listening. */
  readonly startup: Micros;
  readonly stops: Readonly<Partial<Record<SignalName, Stop>>>;
  readonly memoryBytes: number;
  /** When idle. */
  readonly cpuNanocores: number;
  readonly files?: Readonly<Record<string, string>>;
  /** Why it cannot start, as it would print it; it then exits with 1. `initialised`: its data are there from an earlier run. */
  readonly refuses?: (context: ProgramContext, initialised: boolean) => string | undefined;
  /** Finds its peers before it serves for the first time. Returns why it cannot go on, as it would print it; it then exits with 3. */
  readonly joins?: (context: ProgramContext) => Process<string | undefined>;
  /** Where it keeps data: a volume there makes later starts quick, and what cannot be written stops it. */
  readonly data?: { readonly folder: string; readonly marker: string; readonly setup: Micros };
  /** Printed once it listens. */
  readonly ready?: string;
  /** Answers an HTTP request; 200 with the program's name if left out. */
  readonly http?: (context: ProgramContext, request: NetworkRequest) => Reply;
  /** Answers what is said on a plain connection. */
  readonly talk?: (data: string) => string | undefined;
}

/** Ends at once, cleanly: what most servers do. */
export const quick: Stop = { after: milliseconds(100), exitCode: 0 };

export const MiB = 1024 * 1024;

/** Makes a program of a model. */
export function server(model: ServerModel): ImageProgram {
  return {
    name: model.name,
    images: model.images,
    ...(model.commands ? { commands: model.commands } : {}),
    ...(model.files ? { files: model.files } : {}),
    run: (context) => serve(model, context),
  };
}

function* serve(model: ServerModel, context: ProgramContext): Process<number> {
  const trouble = prepare(model, context);
  if (trouble.refusal !== undefined) {
    for (const line of trouble.refusal.split('\n')) context.printError(line);
    return 1;
  }
  const limit = context.process.spec.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
  // Sized to its container, as people size them: the model's figure must not kill what runs well in life.
  context.use({ memoryBytes: Math.min(model.memoryBytes, Math.floor(limit * 0.75)), cpuNanocores: model.cpuNanocores });
  yield* context.sleep(model.startup + trouble.setup);
  if (model.joins && !trouble.initialised) {
    const alone = yield* model.joins(context);
    if (alone !== undefined) {
      context.printError(alone);
      return 3;
    }
    if (trouble.marker !== undefined) context.files.write(trouble.marker, `${model.name}\n`, { sync: true });
  }
  const failure = listenAll(model, context);
  if (failure !== undefined) {
    context.printError(failure);
    return 1;
  }
  if (model.ready !== undefined) context.print(model.ready);
  for (;;) {
    const stop = model.stops[yield* context.signals.receive()];
    if (!stop) continue;
    if (stop.after > 0) yield* context.sleep(stop.after);
    return stop.exitCode;
  }
}

interface Preparation {
  readonly refusal?: string;
  readonly setup: Micros;
  /** Its data are there, from an earlier run that got so far as to serve. */
  readonly initialised: boolean;
  readonly marker?: string;
}

/** Looks at configuration and data before the start. */
function prepare({ name, refuses, data, joins }: ServerModel, context: ProgramContext): Preparation {
  const marker = data && mounted(context, data.folder) ? `${data.folder}/${data.marker}` : undefined;
  // Who has to join others first has an empty marker until then.
  const initialised = marker !== undefined && context.files.exists(marker) && (!joins || context.files.readText(marker) !== '');
  const refusal = refuses?.(context, initialised);
  if (refusal !== undefined) return { refusal, setup: 0, initialised };
  if (marker === undefined) return { setup: data?.setup ?? 0, initialised };
  if (initialised) return { setup: 0, initialised };
  try {
    context.files.write(marker, joins ? '' : `${name}\n`, { parents: true, sync: true });
    return { setup: data?.setup ?? 0, initialised, marker };
  } catch (error) {
    return { refusal: `${name}: ${messageOf(error)}`, setup: 0, initialised };
  }
}

/** Whether the container has a volume at, above or in this folder. */
export function mounted(context: ProgramContext, folder: string): boolean {
  return (context.process.spec.mounts ?? []).some(({ destination }) => {
    const target = normalPath(destination);
    return target !== '/' && (isWithin(folder, target) || isWithin(target, folder));
  });
}

function listenAll(model: ServerModel, context: ProgramContext): string | undefined {
  const ports = typeof model.ports === 'function' ? model.ports(context) : model.ports;
  for (const { port, speaks, transport = 'tcp' } of ports) {
    try {
      context.listen(transport, port, (request) => answer(model, context, speaks, request));
    } catch (error) {
      if (codeOf(error) !== ('EADDRINUSE' satisfies HostError['code'])) throw error;
      return `${model.name}: bind() to 0.0.0.0:${port} failed (98: Address already in use)`;
    }
  }
  return undefined;
}

/** HTTP to who speaks HTTP, a health answer to who speaks gRPC, else a connection and perhaps a word. */
function answer(model: ServerModel, context: ProgramContext, speaks: Speech, request: NetworkRequest): Reply {
  if (request.protocol === 'http' && (speaks === 'http' || speaks === 'any')) {
    return model.http?.(context, request) ?? { http: { status: 200, body: `${model.name}\n` } };
  }
  if (request.protocol === 'grpc' && (speaks === 'grpc' || speaks === 'any')) return { grpc: { status: 'SERVING' } };
  const data = request.data === undefined ? undefined : model.talk?.(request.data);
  return data === undefined ? {} : { data };
}

/** A port from an argument such as `--port 8080` or `-p=8080`, or from a variable. */
export function portFrom(context: ProgramContext, flags: readonly string[], variables: readonly string[]): number | undefined {
  const { argv } = context;
  for (const [index, arg] of argv.entries()) {
    for (const flag of flags) {
      const text = arg === flag ? argv[index + 1] : arg.startsWith(`${flag}=`) ? arg.slice(flag.length + 1) : undefined;
      const port = Number(/(\d+)$/.exec(text ?? '')?.[1] ?? Number.NaN);
      if (port > 0) return port;
    }
  }
  for (const name of variables) if (Number(context.env[name]) > 0) return Number(context.env[name]);
  return undefined;
}

/** The ports that the pod declares for this container (the kubelet's annotation, pkg/kubelet/kuberuntime/labels.go). */
export function declaredPorts(context: ProgramContext): readonly { readonly containerPort: number; readonly protocol: Transport }[] {
  const text = context.annotations[PORTS_ANNOTATION];
  if (text === undefined) return [];
  const ports = JSON.parse(text) as readonly { readonly containerPort: number; readonly protocol?: string }[];
  return ports.map(({ containerPort, protocol = 'TCP' }) => ({ containerPort, protocol: protocol.toLowerCase() as Transport }));
}

/** The kubelet's annotation with a container's ports: a JSON list. */
export const PORTS_ANNOTATION = 'io.kubernetes.container.ports';

/** Declared ports as server ports, or others if there are none. */
export function declaredOr(context: ProgramContext, speaks: Speech, ...others: readonly ServerPort[]): readonly ServerPort[] {
  const declared = declaredPorts(context).map(({ containerPort, protocol }) => ({ port: containerPort, transport: protocol, speaks }));
  return declared.length > 0 ? declared : others;
}
