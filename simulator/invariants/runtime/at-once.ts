import type { CriServices, RuntimeService } from '@slipway/cri';
import { isProcess, isPromise } from '@slipway/kernel';

type Runtime = CriServices['runtime'];
type List = 'listPodSandbox' | 'listContainers';

/** The answer of an implementation that needs no time for it. To wait would be to act, so of others nothing is asked. */
export function atOnce<L extends List>(runtime: Runtime, list: L): ReturnType<RuntimeService[L]> | undefined {
  // An async function begins to run when it is called.
  if (Object.prototype.toString.call(runtime[list]) === '[object AsyncFunction]') return undefined;
  const answer: unknown = runtime[list]({});
  return isProcess(answer) || isPromise(answer) ? undefined : (answer as ReturnType<RuntimeService[L]>);
}
