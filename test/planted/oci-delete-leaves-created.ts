// Wrong: delete of a container that was never started says that it is done, and leaves its process.
import { answerOf } from './correct/changed.ts';
import { lowLevelRuntimeWith } from './correct/low-level-runtime.ts';

export default lowLevelRuntimeWith((good) => ({
  *delete(request) {
    const { status } = yield* answerOf(good.state({ id: request.id }));
    return status === 'created' ? {} : yield* answerOf(good.delete(request));
  },
}));
