// Wrong: pods count only once they run, so that those which were placed a moment ago are not there yet.
import { definePlugin } from '@slipway/plugin';
import { cpuFits } from './correct/placement.ts';

export default definePlugin({
  interface: 'scheduler',
  name: 'my-scheduler',
  create: () => ({ plugins: [cpuFits(({ status }) => status?.phase === 'Running')] }),
});
