// Wrong: two pods of one port of the machine are placed on one machine.
import { definePlugin } from '@slipway/plugin';

/** Takes the place of the built-in rule, and has nothing to say. */
export default definePlugin({ interface: 'scheduler', name: 'my-scheduler', create: () => ({ plugins: [{ name: 'NodePorts' }] }) });
