// Wrong: a sandbox whose network could not be undone once can never be removed.
import { CriError } from '@slipway/cri';
import { answerOf } from './correct/changed.ts';
import { runtimeWith } from './correct/runtime.ts';

export default runtimeWith((good) => {
  const unclean = new Set<string>();
  return {
    *stopPodSandbox(request) {
      try {
        return yield* answerOf(good.stopPodSandbox(request));
      } catch (error) {
        unclean.add(request.podSandboxId);
        throw error;
      }
    },
    *removePodSandbox(request) {
      if (unclean.has(request.podSandboxId)) throw new CriError('UNKNOWN', 'its network is not undone');
      return yield* answerOf(good.removePodSandbox(request));
    },
  };
});
