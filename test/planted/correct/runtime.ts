import type { CriContext, CriServices } from '@slipway/cri';
import { containerd } from '@slipway/cri/mocks';
import { definePlugin, type PluginContext } from '@slipway/plugin';
import { changed } from './changed.ts';

type Context = PluginContext & CriContext;
export type Runtime = CriServices['runtime'];

/** containerd under another name, with some methods changed. */
export function runtimeWith(change: (good: Runtime, image: CriServices['image'], context: Context) => Partial<Runtime> = () => ({})) {
  return definePlugin({
    ...containerd,
    name: 'my-runtime',
    create(context) {
      const services = containerd.create(context);
      return { ...services, runtime: changed(services.runtime, (good) => change(good, services.image, context)) };
    },
  });
}

export default runtimeWith();
