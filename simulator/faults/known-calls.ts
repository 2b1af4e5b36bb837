import { apiServer } from '@slipway/client';
import { CLOUD_CODES, cloudApi } from '@slipway/cloud';
import { allowedCodes as cniCodes, cniPlugin } from '@slipway/cni';
import * as cpi from '@slipway/cpi';
import { grpcCodes, imageService, runtimeService } from '@slipway/cri';
import { csiController, csiGroupController, csiIdentity, csiNode, csiSnapshotMetadata } from '@slipway/csi';
import type { AllowedCodes } from '@slipway/kernel';
import { httpStatus } from '@slipway/kube';
import { distributionErrors, ociDistribution, ociRuntime, runtimeErrors } from '@slipway/oci';
import { mesh } from '@slipway/smi';

/** A service whose calls faults can strike, and the codes that its callers know. */
export interface KnownService {
  readonly interface: string;
  readonly name: string;
  readonly methods: object;
  readonly codes: AllowedCodes;
}

type Described = Pick<KnownService, 'interface' | 'name' | 'methods'>;

function among(codes: readonly string[]): AllowedCodes {
  const known = new Set(codes);
  return { allows: (code) => known.has(code), text: codes.join(', ') };
}

/** What a link says by itself: a caller has to bear it whatever the spec says. */
const LINK: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'];

const gRPC = among(grpcCodes);
const cpiCodes = among([...['DiskNotFound', 'ImplementedElsewhere', 'InstanceNotFound', 'NotImplemented', 'RetryError'], ...LINK]);
/** The spec has no code for a plugin that died or hangs, so links keep gRPC's words; nobody needs them in an error that is an answer. */
const networkCodes: AllowedCodes = cniCodes;

const known = (codes: AllowedCodes, ...services: readonly Described[]): readonly KnownService[] =>
  services.map(({ interface: own, name, methods }) => ({ interface: own, name, methods, codes }));

/** Every service of every interface. */
export const KNOWN_SERVICES: readonly KnownService[] = [
  ...known(among(Object.keys(httpStatus)), apiServer),
  ...known(gRPC, runtimeService, imageService),
  ...known(networkCodes, cniPlugin),
  ...known(gRPC, csiIdentity, csiController, csiNode, csiGroupController, csiSnapshotMetadata),
  ...known(cpiCodes, cpi.cloudProvider, cpi.informerUser, cpi.loadBalancer, cpi.instances, cpi.instancesV2, cpi.zones, cpi.clusters),
  ...known(cpiCodes, cpi.routes, cpi.pvLabeler),
  ...known(gRPC, mesh),
  ...known(among([...Object.keys(runtimeErrors), ...LINK]), ociRuntime),
  ...known(among([...Object.keys(distributionErrors), ...LINK]), ociDistribution),
  ...known(among([...CLOUD_CODES, ...LINK]), cloudApi),
];
