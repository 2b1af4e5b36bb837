import type { AsyncClient, Client } from './contract.ts';
import type { Owner } from './owner.ts';
import type { Process } from './process.ts';

/**
 * The client for a plugin that is written with `async`: each method returns a promise. Only code that runs while one of the plugin's own
 * promises is pending may use it; time runs on while it waits.
 *
 * @param of on whose behalf the calls are made: the plugin's owner; a function where a restart gives it another.
 */
export function asyncClient<S>(client: Client<S>, of: Owner | (() => Owner)): AsyncClient<S> {
  const methods = client as Record<string, (request: unknown) => Process<unknown>>;
  const call = (method: string, request: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const owner = typeof of === 'function' ? of() : of;
      const { kernel } = owner;
      kernel.foreign.outstanding += 1;
      const process = methods[method]?.(request);
      if (process === undefined) throw new TypeError(`the client has no method ${method}`);
      owner.spawn(`async ${method}`, process, (task) => {
        kernel.foreign.outstanding -= 1;
        if (task.state === 'done') resolve(task.outcome);
        else reject(task.state === 'failed' ? task.outcome : new Error(`${owner.name} was stopped`));
      });
    });
  // A client that an async function returns must not pass for a promise.
  return new Proxy(client as object, {
    get: (_target, method) => (method === 'then' ? undefined : (request: unknown) => call(String(method), request)),
  }) as AsyncClient<S>;
}
