import { routes } from '@slipway/cpi';
import { imageService, runtimeService } from '@slipway/cri';
import { csiController, csiIdentity, csiNode } from '@slipway/csi';
import { mesh } from '@slipway/smi';

interface ServiceLike {
  readonly name: string;
  readonly interface: string;
  readonly methods: Readonly<Record<string, { readonly heartbeat?: boolean }>>;
}

/** `csi.Controller/CreateVolume`. */
const nameOf = ({ name, interface: own }: ServiceLike, method: string): string =>
  `${own}.${name.slice(name.lastIndexOf('.') + 1)}/${method.charAt(0).toUpperCase()}${method.slice(1)}`;
const methodsOf = (service: ServiceLike): readonly string[] => Object.keys(service.methods).map((method) => nameOf(service, method));

/** What stands behind a mesh, as faults name it. */
export const meshMethods = methodsOf(mesh);
/** What a provider does for a network that has no routes of its own. */
export const routeMethods = methodsOf(routes);

/** Calls that come again and again: they leave no trace unless they fail. */
const polls = ([runtimeService, imageService, csiController, csiIdentity, csiNode] as readonly ServiceLike[]).flatMap((service) =>
  Object.entries(service.methods).flatMap(([method, { heartbeat }]) => (heartbeat ? [nameOf(service, method)] : [])),
);

/** The methods, and what the same interfaces are polled for. */
export function withPolls(methods: readonly string[]): readonly string[] {
  const interfaces = new Set(methods.map((method) => method.slice(0, method.indexOf('.'))));
  return [...new Set([...methods, ...polls.filter((method) => interfaces.has(method.slice(0, method.indexOf('.'))))])];
}
