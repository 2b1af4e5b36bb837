import { type CallError, formatDuration, messageOf, type Micros, minutes, type Owner, type Process, seconds, sleep } from '@slipway/kernel';
import { formatTime, type KubeObject, keyOf } from '@slipway/kube';
import type { ApiClient } from './api-client.ts';
import type { ControllerContext, ControllerDefinition, Watch } from './controller.ts';
import { EventRecorder } from './event-recorder.ts';
import type { Informer } from './informer.ts';
import { SharedInformers } from './shared-informers.ts';
import { WorkQueue } from './work-queue.ts';

export interface ControllerRunOptions {
  readonly api: ApiClient;
  /** Runs it; the controller ends with it. */
  readonly owner: Owner;
  /** Caches to share with other controllers of the same actor. Left out: its own. */
  readonly informers?: SharedInformers;
  /** Node of a controller that runs once per node: part of its events. */
  readonly host?: string;
}

/** A running controller. */
export interface RunningController {
  readonly definition: ControllerDefinition;
  readonly context: ControllerContext;
}

/** Starts a controller: fills its caches, then works on the keys that its watches give it. */
export function runController(definition: ControllerDefinition, options: ControllerRunOptions): RunningController {
  const { api, owner, host } = options;
  const { kernel } = owner;
  const { name } = definition;
  const context: ControllerContext = {
    api,
    owner,
    informers: options.informers ?? new SharedInformers({ api, owner }),
    events: new EventRecorder(host === undefined ? { api, owner, component: name } : { api, owner, component: name, host }),
    queue: new WorkQueue({ owner, name: `${name} queue` }),
    random: kernel.random(host === undefined ? `controller/${name}` : `controller/${name}/${host}`),
    now: () => kernel.now,
    timestamp: () => formatTime(kernel.unixMicros),
    log: (message, subject) => void kernel.record('log', owner.name, name, subject, [message]),
  };
  const informers = definition.watches.map((each) => {
    const watch: Watch = typeof each === 'string' ? { resource: each } : (each as unknown as Watch);
    return follow(watch, context);
  });
  owner.spawn(name, start());
  return { definition, context };

  function* start(): Process {
    for (const informer of informers) yield* informer.waitForSync();
    yield* begin(definition, context);
    for (let worker = 1; worker <= (definition.workers ?? 1); worker++) owner.spawn(`${name}/${worker}`, work(definition, context));
  }
}

/** What a machine refuses, such as a file on a full disk, ends the program: it is started again after a pause, as the kubelet does with its pod. */
function* begin(definition: ControllerDefinition, context: ControllerContext): Process {
  for (let pause: Micros = seconds(10); ; pause = Math.min(2 * pause, minutes(5))) {
    try {
      const starting = definition.start?.(context);
      if (starting) yield* starting;
      return;
    } catch (error) {
      if (!(error instanceof Error && (error as CallError).isForeign)) throw error;
      context.log(`will be started again in ${formatDuration(pause)}: ${messageOf(error)}`);
      yield* sleep(pause);
    }
  }
}

function follow(watch: Watch, context: ControllerContext): Informer<KubeObject> {
  const { resource, keys, ...selection } = watch;
  const informer = context.informers.get<KubeObject>(resource, selection);
  const leave = informer.onChange((event, old, object) => {
    const subject = object ?? old;
    if (!subject) return;
    if (!keys) context.queue.add(keyOf(subject));
    else for (const key of keys(subject, { event, old, context })) context.queue.add(key);
  });
  // Shared caches outlive a controller that crashed and came again.
  context.owner.onEnd(leave);
  return informer;
}

function* work(definition: ControllerDefinition, context: ControllerContext): Process<never> {
  const { queue } = context;
  for (;;) {
    const key = yield* queue.take();
    try {
      const result = yield* definition.reconcile(key, context);
      queue.forget(key);
      if (result?.requeueAfter !== undefined) queue.addAfter(key, result.requeueAfter);
    } catch (error) {
      if (isDefect(error)) throw error;
      retry(definition, context, key, error);
    } finally {
      queue.done(key);
    }
  }
}

function retry(definition: ControllerDefinition, { queue, log }: ControllerContext, key: string, error: unknown): void {
  if (definition.maxRetries !== undefined && queue.failures(key) >= definition.maxRetries) {
    log(`dropped after ${definition.maxRetries} retries: ${messageOf(error)}`, key);
    queue.forget(key);
    return;
  }
  log(`will be retried: ${messageOf(error)}`, key);
  queue.addRateLimited(key);
}

/** A mistake in the program, which no retry would mend: it must stop the run rather than look like a slow cluster. */
function isDefect(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) return true;
  return error instanceof Error && error.message.startsWith('invariant broken: ');
}
