// Wrong: every tenth request goes to the Service itself, whatever its split says.
import { answerOf } from './correct/changed.ts';
import { meshWith } from './correct/mesh.ts';

export default meshWith((good) => {
  let count = 0;
  return {
    *route(request) {
      const answer = yield* answerOf(good.route(request));
      count += 1;
      return answer.split !== undefined && count % 5 === 0
        ? { ...answer, to: { ...answer.to, service: `${request.to.service}-v2` } }
        : answer;
    },
  };
});
