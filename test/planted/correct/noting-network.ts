import { definePlugin } from '@slipway/plugin';
import network, { NotingNetwork } from './network.ts';

export default definePlugin({ ...network, create: (context) => new NotingNetwork(context) });
