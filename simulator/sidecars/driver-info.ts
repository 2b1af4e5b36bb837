import type {
  ControllerServiceCapabilityRPCType,
  CsiController,
  CsiIdentity,
  PluginCapabilityServiceType,
  PluginCapabilityVolumeExpansionType,
} from '@slipway/csi';
import type { Client, Process } from '@slipway/kernel';
import { messageOf, seconds, sleep } from '@slipway/kernel';
import { callDriver, isAnswer } from './driver-error.ts';

/** What a side-car is given: the driver beside it, over a socket. */
export interface DriverConnection {
  readonly identity: Client<CsiIdentity>;
  readonly controller: Client<CsiController>;
}

/** What a driver says of itself. */
export interface DriverInfo {
  /** `ebs.csi.aws.com`. */
  readonly name: string;
  readonly services: ReadonlySet<PluginCapabilityServiceType>;
  readonly expansion: ReadonlySet<PluginCapabilityVolumeExpansionType>;
  /** Empty for a driver without a controller service. */
  readonly controller: ReadonlySet<ControllerServiceCapabilityRPCType>;
}

const LIMIT = seconds(10);
const AGAIN = seconds(1);

/** Waits until the driver answers that it is ready. Source: kubernetes-csi/csi-lib-utils `rpc/common.go`, ProbeForever. */
export function* learnName(identity: Client<CsiIdentity>, log: (message: string) => void): Process<string> {
  let told = false;
  for (;;) {
    try {
      const { ready = true } = yield* callDriver(identity.probe({}), LIMIT);
      if (ready) return (yield* callDriver(identity.getPluginInfo({}), LIMIT)).name;
    } catch (error) {
      if (!isAnswer(error)) throw error;
      if (!told) log(`waits for the driver: ${messageOf(error)}`);
      told = true;
    }
    yield* sleep(AGAIN);
  }
}

/** Asks the driver what it is, as often as it takes. */
export function* learnDriver({ identity, controller }: DriverConnection, log: (message: string) => void): Process<DriverInfo> {
  const name = yield* learnName(identity, log);
  for (;;) {
    try {
      const { capabilities = [] } = yield* callDriver(identity.getPluginCapabilities({}), LIMIT);
      const services = new Set(capabilities.flatMap((each) => ('service' in each ? [each.service.type] : [])));
      const expansion = new Set(capabilities.flatMap((each) => ('volumeExpansion' in each ? [each.volumeExpansion.type] : [])));
      if (!services.has('CONTROLLER_SERVICE')) return { name, services, expansion, controller: new Set() };
      const answer = yield* callDriver(controller.controllerGetCapabilities({}), LIMIT);
      return { name, services, expansion, controller: new Set((answer.capabilities ?? []).map(({ rpc }) => rpc.type)) };
    } catch (error) {
      if (!isAnswer(error)) throw error;
      log(`asks the driver again: ${messageOf(error)}`);
      yield* sleep(AGAIN);
    }
  }
}
