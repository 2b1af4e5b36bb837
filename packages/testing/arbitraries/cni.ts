import fc from 'fast-check';
import type { AddRequest, DelRequest, NetworkConfigList, NetworkPlugin, PluginConfig, PortMapping } from '@slipway/cni';
import { arbitraryLabelName, arbitraryPort } from './names.ts';
import { objectOf } from './object-of.ts';

const edges = [...'abcXYZ019'];

/** A container's id or a network's name: a letter or digit, then letters, digits, `_`, `.` or `-`. Spec: "Parameters". */
export function arbitraryCniName(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...edges), fc.string({ unit: fc.constantFrom(...edges, '_', '.', '-'), maxLength: 20 }))
    .map((parts) => parts.join(''));
}

/** The name of an interface: 1 to 15 characters. */
export function arbitraryInterfaceName(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constant('eth0'),
    fc.tuple(fc.constantFrom('eth', 'net', 'veth', 'cni-'), fc.nat({ max: 9999 })).map((parts) => parts.join('')),
  );
}

/** A network of an own range for pods, without host bits: `10.7.3.0/24`, down to `/29`, or `fd00:7::/64`. */
export function arbitrarySubnet(): fc.Arbitrary<string> {
  const byte = fc.nat({ max: 255 });
  const four = fc.tuple(byte, byte, byte, fc.integer({ min: 24, max: 29 })).map(([a, b, c, prefix]) => {
    const size = 2 ** (32 - prefix);
    return `10.${a}.${b}.${Math.floor(c / size) * size}/${prefix}`;
  });
  const six = fc.integer({ min: 1, max: 0xffff }).map((group) => `fd00:${group.toString(16)}::/64`);
  return fc.oneof({ weight: 3, arbitrary: four }, { weight: 1, arbitrary: six });
}

/** What the plugin `bridge` with `host-local` reads; keys that the spec does not know come through too. */
export function arbitraryBridgePlugin(): fc.Arbitrary<NetworkPlugin> {
  return objectOf(
    {
      type: fc.constant('bridge'),
      ipam: arbitrarySubnet().map((subnet) => ({ type: 'host-local', ranges: [[{ subnet }]] })),
    },
    {
      isGateway: fc.boolean(),
      isDefaultGateway: fc.boolean(),
      ipMasq: fc.boolean(),
      hairpinMode: fc.boolean(),
      mtu: fc.integer({ min: 1280, max: 9000 }),
    },
  );
}

/** One plugin's configuration as the runtime hands it over. @param plugin left out: a bridge */
export function arbitraryPluginConfig(plugin: fc.Arbitrary<NetworkPlugin> = arbitraryBridgePlugin()): fc.Arbitrary<PluginConfig> {
  const cniVersion = fc.constantFrom('1.1.0', '1.0.0');
  return fc.tuple(plugin, cniVersion, arbitraryCniName()).map(([{ capabilities: _, ...rest }, version, name]) => ({
    ...rest,
    cniVersion: version,
    name,
  }));
}

/** A network as a file in `/etc/cni/net.d` has it: a bridge, and perhaps port mappings after it. */
export function arbitraryNetworkConfigList(): fc.Arbitrary<NetworkConfigList> {
  const portmap: NetworkPlugin = { type: 'portmap', capabilities: { portMappings: true } };
  const plugins = fc.tuple(arbitraryBridgePlugin(), fc.boolean()).map(([bridge, mapped]) => (mapped ? [bridge, portmap] : [bridge]));
  return objectOf(
    { cniVersion: fc.constantFrom('1.1.0', '1.0.0'), name: arbitraryCniName(), plugins },
    { disableCheck: fc.boolean(), disableGC: fc.boolean() },
  );
}

/** One port of the host that leads into the container. */
export function arbitraryPortMapping(): fc.Arbitrary<PortMapping> {
  return objectOf({ hostPort: arbitraryPort(), containerPort: arbitraryPort() }, { protocol: fc.constantFrom('tcp', 'udp') });
}

/** ADD. The namespace is only named: whoever sends it makes it first. @param config left out: any bridge */
export function arbitraryAddRequest(config: fc.Arbitrary<PluginConfig> = arbitraryPluginConfig()): fc.Arbitrary<AddRequest> {
  const name = arbitraryLabelName(20);
  const args = fc.record({ pod: name, namespace: name }).map(({ pod, namespace }) => ({ K8S_POD_NAME: pod, K8S_POD_NAMESPACE: namespace }));
  return objectOf(
    {
      containerId: arbitraryCniName(),
      netns: arbitraryLabelName(20).map((id) => `/var/run/netns/cni-${id}`),
      ifname: arbitraryInterfaceName(),
      config,
    },
    { args, path: fc.constant(['/opt/cni/bin']) },
  );
}

/** DEL, with a namespace or without one, as after a reboot. */
export function arbitraryDelRequest(config: fc.Arbitrary<PluginConfig> = arbitraryPluginConfig()): fc.Arbitrary<DelRequest> {
  return fc
    .tuple(arbitraryAddRequest(config), fc.boolean())
    .map(([{ netns, ...request }, gone]) => (gone ? request : { ...request, netns }));
}
