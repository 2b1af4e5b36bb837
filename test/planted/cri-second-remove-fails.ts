// Wrong: RemoveContainer of a container that is gone is an error.
import { CriError } from '@slipway/cri';
import { runtimeWith } from './correct/runtime.ts';

export default runtimeWith((good) => {
  const removed = new Set<string>();
  return {
    removeContainer(request) {
      if (removed.has(request.containerId)) throw new CriError('NOT_FOUND', 'there is no such container');
      removed.add(request.containerId);
      return good.removeContainer(request);
    },
  };
});
