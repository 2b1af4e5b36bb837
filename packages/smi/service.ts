import { seconds, service } from '@slipway/kernel';
import type { Mesh } from './contract.ts';

/** The link's half of the contract. An admission webhook is given 10 s. */
export const mesh = service<Mesh>(
  'smi.Mesh',
  { interface: 'smi', deadline: seconds(10) },
  {
    inject: {},
    identity: {},
    route: {},
    authorise: {},
    observe: {},
    metrics: { optional: true },
  },
);
