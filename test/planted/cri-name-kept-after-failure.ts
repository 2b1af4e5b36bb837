// Wrong: a sandbox whose start failed keeps its name, and the next try finds it taken.
import { CriError } from '@slipway/cri';
import { answerOf } from './correct/changed.ts';
import { runtimeWith } from './correct/runtime.ts';

export default runtimeWith((good) => {
  const names = new Set<string>();
  return {
    *runPodSandbox(request) {
      const { name, uid, attempt = 0 } = request.config.metadata;
      const reserved = `${name}_${uid}_${attempt}`;
      if (names.has(reserved)) throw new CriError('UNKNOWN', `failed to reserve sandbox name: name "${reserved}" is reserved`);
      names.add(reserved);
      const answer = yield* answerOf(good.runPodSandbox(request));
      names.delete(reserved);
      return answer;
    },
  };
});
