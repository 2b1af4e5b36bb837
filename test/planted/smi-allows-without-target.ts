// Wrong: whoever has an identity is let in, also where no target says so.
import { answerOf } from './correct/changed.ts';
import { meshWith } from './correct/mesh.ts';

export default meshWith((good) => ({
  *authorise(request) {
    const answer = yield* answerOf(good.authorise(request));
    return answer.allowed || !request.source ? answer : { ...answer, allowed: true };
  },
}));
