// Wrong: what is noted on disk as running counts as running, also after a loss of power.
import type { State } from '@slipway/oci';
import { answerOf } from './correct/changed.ts';
import { lowLevelRuntimeWith } from './correct/low-level-runtime.ts';

export default lowLevelRuntimeWith((good, { files }) => {
  const noteOf = (id: string): string => `/var/lib/my-oci-runtime/${id}`;
  return {
    *start(request) {
      const answer = yield* answerOf(good.start(request));
      const state = yield* answerOf(good.state(request));
      files.write(noteOf(request.id), JSON.stringify(state), { parents: true });
      return answer;
    },
    *state(request) {
      try {
        return yield* answerOf(good.state(request));
      } catch (error) {
        if (!files.exists(noteOf(request.id))) throw error;
        return JSON.parse(files.readText(noteOf(request.id))) as State;
      }
    },
    *delete(request) {
      if (files.exists(noteOf(request.id))) files.remove(noteOf(request.id));
      return yield* answerOf(good.delete(request));
    },
  };
});
