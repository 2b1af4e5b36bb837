import type { Owner } from './owner.ts';
import type { Process } from './process.ts';

/**
 * Runs a process for code that waits with `await`. Time runs on while it waits, and only while one of the plugin's own promises is
 * pending: at any other time nobody would let it.
 */
export function settle<T>(process: Process<T>, owner: Owner, resolve: (value: T) => unknown, reject: (error: unknown) => unknown): never {
  const { kernel } = owner;
  if (kernel.foreign.pending === 0) {
    kernel.claim(process);
    reject(
      new TypeError(
        'await on a process outside the async method of a plugin: write yield* in a generator, or run it with kernel.completeAsync(…)',
      ),
    );
  } else {
    kernel.foreign.outstanding += 1;
    owner.spawn('an await', process, (task) => {
      kernel.foreign.outstanding -= 1;
      if (task.state === 'done') resolve(task.outcome as T);
      else reject(task.state === 'failed' ? task.outcome : new Error(`${owner.name} was stopped`));
    });
  }
  // Nobody looks at what `then` returns; the type says never, so that lint tells of a call that is not waited for.
  return undefined as never;
}

/** A process that may also be waited for with `await`, on behalf of the owner: for a plugin's author who writes `async`. */
export function awaitable<T>(process: Process<T>, of: () => Owner): Process<T> {
  return Object.defineProperty(process, 'then', {
    value: (resolve: (value: T) => never, reject: (error: unknown) => never) => settle(process, of(), resolve, reject),
  });
}
