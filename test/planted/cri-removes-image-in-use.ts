// Wrong: with a container goes its image, whoever else uses it.
import { answerOf } from './correct/changed.ts';
import { runtimeWith } from './correct/runtime.ts';

export default runtimeWith((good, image) => ({
  *removeContainer(request) {
    const { status } = yield* answerOf(good.containerStatus({ containerId: request.containerId }));
    const answer = yield* answerOf(good.removeContainer(request));
    if (status) yield* answerOf(image.removeImage({ image: { image: status.imageRef } }));
    return answer;
  },
}));
