// Wrong: StopPodSandbox of a sandbox that is stopped already is an error.
import { CriError } from '@slipway/cri';
import { runtimeWith } from './correct/runtime.ts';

export default runtimeWith((good) => {
  const stopped = new Set<string>();
  return {
    stopPodSandbox(request) {
      if (stopped.has(request.podSandboxId)) throw new CriError('UNKNOWN', 'it is stopped');
      stopped.add(request.podSandboxId);
      return good.stopPodSandbox(request);
    },
  };
});
