import type { ApiClient } from '@slipway/client';
import { success } from '../framework/status.ts';
import type { BindPlugin } from '../framework/types.ts';

/** POST pods/binding; a refusal is an error of the cycle. Source: `plugins/defaultbinder/default_binder.go`. */
export function defaultBinder(api: ApiClient): BindPlugin {
  return {
    name: 'DefaultBinder',
    *bind(pod, nodeName) {
      const { namespace = 'default', name, uid } = pod.metadata;
      yield* api.pods.bind({ namespace, name, nodeName, ...(uid !== undefined && { uid }) });
      return success;
    },
  };
}
