// Wrong: a machine about which the cloud gives an error counts as gone.
import { answerOf } from './correct/changed.ts';
import { providerWith } from './correct/provider.ts';

export default providerWith({
  instancesV2: (good) => ({
    *instanceExists(request) {
      try {
        return yield* answerOf(good.instanceExists(request));
      } catch {
        return { exists: false };
      }
    },
  }),
});
