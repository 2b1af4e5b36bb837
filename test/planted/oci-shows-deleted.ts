// Wrong: a container that was deleted is shown as stopped for ever.
import type { State } from '@slipway/oci';
import { answerOf } from './correct/changed.ts';
import { lowLevelRuntimeWith } from './correct/low-level-runtime.ts';

export default lowLevelRuntimeWith((good) => {
  const last = new Map<string, State>();
  return {
    *delete(request) {
      const state = yield* answerOf(good.state(request));
      const answer = yield* answerOf(good.delete(request));
      last.set(request.id, { ...state, status: 'stopped' });
      return answer;
    },
    *state(request) {
      return last.get(request.id) ?? (yield* answerOf(good.state(request)));
    },
  };
});
