import * as client from '@slipway/client';
import * as cloud from '@slipway/cloud';
import * as cloudMocks from '@slipway/cloud/mocks';
import * as cni from '@slipway/cni';
import * as cniMocks from '@slipway/cni/mocks';
import * as cpi from '@slipway/cpi';
import * as cpiMocks from '@slipway/cpi/mocks';
import * as cri from '@slipway/cri';
import * as criMocks from '@slipway/cri/mocks';
import * as csi from '@slipway/csi';
import * as csiMocks from '@slipway/csi/mocks';
import * as host from '@slipway/host';
import * as kernel from '@slipway/kernel';
import * as kube from '@slipway/kube';
import * as oci from '@slipway/oci';
import * as ociMocks from '@slipway/oci/mocks';
import * as plugin from '@slipway/plugin';
import * as programs from '@slipway/programs';
import * as smi from '@slipway/smi';
import * as smiMocks from '@slipway/smi/mocks';
import * as zod from 'zod';
import { defineInvariant } from '../../invariants/index.ts';

/** The running copies of what a plugin may import by name: a visitor's plugin gets these, wherever its file lies. */
export const runningModules: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '@slipway/client': client,
  '@slipway/cloud': cloud,
  '@slipway/cloud/mocks': cloudMocks,
  '@slipway/cni': cni,
  '@slipway/cni/mocks': cniMocks,
  '@slipway/cpi': cpi,
  '@slipway/cpi/mocks': cpiMocks,
  '@slipway/cri': cri,
  '@slipway/cri/mocks': criMocks,
  '@slipway/csi': csi,
  '@slipway/csi/mocks': csiMocks,
  '@slipway/host': host,
  '@slipway/kernel': kernel,
  '@slipway/kube': kube,
  '@slipway/oci': oci,
  '@slipway/oci/mocks': ociMocks,
  '@slipway/plugin': plugin,
  '@slipway/programs': programs,
  // What tests and invariants of one's own may want of the simulator itself.
  '@slipway/simulator': { defineInvariant },
  '@slipway/smi': smi,
  '@slipway/smi/mocks': smiMocks,
  zod,
};
