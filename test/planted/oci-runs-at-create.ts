// Wrong: create starts the program, and start does nothing.
import { answerOf } from './correct/changed.ts';
import { lowLevelRuntimeWith } from './correct/low-level-runtime.ts';

export default lowLevelRuntimeWith((good) => ({
  *create(request) {
    const answer = yield* answerOf(good.create(request));
    yield* answerOf(good.start(request));
    return answer;
  },
  start: () => ({}),
}));
