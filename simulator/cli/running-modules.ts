import * as client from '@slipway/client';
import * as cni from '@slipway/cni';
import * as cniMocks from '@slipway/cni/mocks';
import * as cri from '@slipway/cri';
import * as criMocks from '@slipway/cri/mocks';
import * as host from '@slipway/host';
import * as kernel from '@slipway/kernel';
import * as kube from '@slipway/kube';
import * as oci from '@slipway/oci';
import * as ociMocks from '@slipway/oci/mocks';
import * as plugin from '@slipway/plugin';
import * as programs from '@slipway/programs';
import * as zod from 'zod';

/** The running copies of what a plugin may import by name: a visitor's plugin gets these, wherever its file lies. */
export const runningModules: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '@slipway/client': client,
  '@slipway/cni': cni,
  '@slipway/cni/mocks': cniMocks,
  '@slipway/cri': cri,
  '@slipway/cri/mocks': criMocks,
  '@slipway/host': host,
  '@slipway/kernel': kernel,
  '@slipway/kube': kube,
  '@slipway/oci': oci,
  '@slipway/oci/mocks': ociMocks,
  '@slipway/plugin': plugin,
  '@slipway/programs': programs,
  zod,
};
