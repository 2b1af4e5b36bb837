import { cidr, formatNetwork, type Interface, type NetworkNamespace } from '@slipway/host';
import type { CheckRequest, ResultInterface } from '../../contract.ts';
import { pluginError } from '../../errors.ts';

/**
 * Compares an attachment with the result of its ADD. Order and messages: containernetworking/plugins plugins/main/bridge/bridge.go cmdCheck,
 * pkg/ip/utils_linux.go.
 *
 * @throws CniError 999 naming the first difference
 */
export function checkAttachment(
  { ifname, netns, config }: CheckRequest,
  bridgeName: string,
  namespace: NetworkNamespace,
  root: NetworkNamespace,
): void {
  const { prevResult } = config;
  if (!prevResult) throw pluginError('Required prevResult missing');
  const interfaces = prevResult.interfaces ?? [];
  const bridge = interfaces.find(({ name, sandbox }) => name === bridgeName && !sandbox);
  const container = interfaces.find(({ name, sandbox }) => name === ifname && sandbox === netns);
  checkBridge(bridge, bridgeName, root);
  if (!container) throw pluginError(`Sandbox in prevResult  doesn't match configured netns: ${netns}`);
  const end = checkContainerEnd(container, namespace);
  const hostEnd = end.peer;
  const listed = interfaces.some(({ name, sandbox }) => !sandbox && name === hostEnd?.name);
  if (!hostEnd || hostEnd.namespace !== root || hostEnd.master !== bridgeName || !listed) {
    throw pluginError(`CNI veth created for bridge ${bridgeName} was not found`);
  }
  for (const { address, interface: index } of prevResult.ips ?? []) {
    // A later plugin of the list may have added addresses to interfaces of its own.
    if (index !== undefined && interfaces[index] !== container) continue;
    if (!end.up || !end.addresses.includes(address)) throw pluginError(`Failed to match addr ${address} on interface ${ifname}`);
  }
  for (const { dst, gw } of prevResult.routes ?? []) {
    const found = namespace.routes.some((route) => route.dst === formatNetwork(cidr(dst)) && (gw === undefined || route.gw === gw));
    if (!found) throw pluginError(`Expected Route {Dst:${dst} GW:${gw ?? '<nil>'}} not found in routing table`);
  }
}

function checkBridge(listed: ResultInterface | undefined, name: string, root: NetworkNamespace): void {
  if (!listed) throw pluginError('Interface name missing ');
  const link = root.interfaces.get(name);
  if (!link) throw pluginError(`Interface name ${name} not found`);
  if (link.kind !== 'bridge') throw pluginError(`Interface ${name} does not have link type of bridge`);
  if (listed.mac !== undefined && listed.mac !== link.mac) throw pluginError(`Bridge interface ${name} Mac doesn't match: ${listed.mac}`);
}

function checkContainerEnd(listed: ResultInterface, namespace: NetworkNamespace): Interface {
  const link = namespace.interfaces.get(listed.name);
  if (!link) throw pluginError(`Interface name ${listed.name} not found`);
  if (link.kind !== 'veth') throw pluginError(`Error: Container interface ${listed.name} not of type veth`);
  if (listed.mac !== undefined && listed.mac !== link.mac) {
    throw pluginError(`Interface ${listed.name} Mac ${listed.mac} doesn't match container Mac: ${link.mac}`);
  }
  return link;
}
