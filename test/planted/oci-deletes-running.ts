// Wrong: delete of a container that runs is no error: it is forgotten, and its process runs on.
import { answerOf } from './correct/changed.ts';
import { lowLevelRuntimeWith } from './correct/low-level-runtime.ts';

export default lowLevelRuntimeWith((good) => {
  const forgotten = new Set<string>();
  return {
    *delete(request) {
      const { status } = yield* answerOf(good.state(request));
      if (status !== 'running') return yield* answerOf(good.delete(request));
      forgotten.add(request.id);
      return {};
    },
  };
});
