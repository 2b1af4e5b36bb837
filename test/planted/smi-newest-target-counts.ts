// Wrong: of several targets for one account, only the newest counts.
import type { TrafficTarget } from '@slipway/smi';
import { answerOf } from './correct/changed.ts';
import { meshWith } from './correct/mesh.ts';

export default meshWith((good, api) => ({
  *authorise(request) {
    const answer = yield* answerOf(good.authorise(request));
    if (answer.target === undefined) return answer;
    const { items } = yield* api.resource<TrafficTarget>('traffictargets.access.smi-spec.io').list({});
    const [newest] = items.toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1));
    if (!newest || answer.target.endsWith(`/${newest.metadata.name}`)) return answer;
    return { allowed: false, reason: `${newest.metadata.name} does not allow it` };
  },
}));
