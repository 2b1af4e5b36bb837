// Wrong: of two targets of one account, only the newest counts.
import { answerOf } from './correct/changed.ts';
import { meshWith } from './correct/mesh.ts';

export default meshWith((good) => {
  const seen: string[] = [];
  return {
    *authorise(request) {
      const answer = yield* answerOf(good.authorise(request));
      if (answer.target === undefined) return answer;
      if (!seen.includes(answer.target)) seen.push(answer.target);
      return seen.at(-1) === answer.target ? answer : { allowed: false, reason: 'another target is newer', enforced: true };
    },
  };
});
