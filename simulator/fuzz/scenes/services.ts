import type { StepDocument } from '../../scenario/schema.ts';
import { deployment, pod, service, sleeper } from './objects.ts';
import { type Scene, second } from './scene.ts';

/** A Service that changes its mind about what it is, and its balancer comes and goes. */
const balancer: Scene = {
  name: 'balancer',
  draw({ random }) {
    const types = ['LoadBalancer', 'NodePort', 'LoadBalancer', 'ClusterIP'];
    const first = random.integer(10, 25);
    const policy = random.chance(1, 3) ? { externalTrafficPolicy: 'Local' } : {};
    const changes = Array.from({ length: random.integer(1, 3) }, (_, index): StepDocument => {
      const type = types[(index + 1) % types.length];
      const spec = type === 'ClusterIP' ? { type, externalTrafficPolicy: null } : { type };
      return {
        at: second(first + 12 * index + random.integer(0, 10)),
        mayFail: true,
        patch: { of: 'service/front', type: 'merge', with: { spec } },
      };
    });
    return {
      objects: [deployment('front', random.integer(1, 2)), service('front', 'front', { type: 'LoadBalancer', ...policy })],
      steps: [
        ...changes,
        ...(random.chance(1, 3) ? [{ at: second(first + 45), mayFail: true as const, delete: 'service/front' }] : []),
        { at: second(first + random.integer(0, 40)), mayFail: true, request: { from: 'outside', to: 'service/front' } },
      ],
    };
  },
};

/** Requests to a Service while its pods come and go. */
const requests: Scene = {
  name: 'requests',
  draw({ random }) {
    const start = random.integer(10, 20);
    const count = random.integer(4, 10);
    return {
      objects: [deployment('shop', random.integer(1, 3)), service('shop', 'shop'), pod('asking', { container: sleeper })],
      steps: [
        ...Array.from({ length: count }, (_, index) => ({
          at: second(start + 4 * index + random.integer(0, 3)),
          mayFail: true as const,
          request: { from: 'pod/asking', to: 'http://shop/' },
        })),
        {
          at: second(start + random.integer(0, 30)),
          mayFail: true,
          delete: { of: { podOf: 'deployment/shop' }, ...(random.chance(1, 3) ? { force: true } : {}) },
        },
        { at: second(start + random.integer(0, 30)), mayFail: true, scale: { of: 'deployment/shop', replicas: random.integer(0, 3) } },
        { at: second(start + random.integer(0, 30)), mayFail: true, exec: { pod: 'asking', command: ['true'] } },
      ],
    };
  },
};

export const serviceScenes: readonly Scene[] = [balancer, requests];
