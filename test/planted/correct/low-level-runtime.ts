import type { OciServices } from '@slipway/oci';
import { runc } from '@slipway/oci/mocks';
import type { Host } from '@slipway/host';
import { definePlugin } from '@slipway/plugin';
import { changed } from './changed.ts';

export type LowLevelRuntime = OciServices['runtime'];

/** runc under another name, with some methods changed. */
export function lowLevelRuntimeWith(change: (good: LowLevelRuntime, host: Host) => Partial<LowLevelRuntime> = () => ({})) {
  return definePlugin({
    ...runc,
    name: 'my-oci-runtime',
    create(context) {
      const { host } = context;
      if (!host) throw new Error('a runtime runs on nodes');
      const services = runc.create(context);
      return { runtime: changed(services.runtime, (good) => change(good, host)) };
    },
  });
}

export default lowLevelRuntimeWith();
