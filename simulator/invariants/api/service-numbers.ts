import type { Service } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';

export const serviceNumbers: Invariant = {
  id: 'API-12',
  name: 'service-numbers',
  kind: 'S',
  holds: "no two services share a cluster address or node port; freeing one never frees another's",
  watch: (world, { violated, met }) => {
    /** Title of the service that has a number. */
    const holders = new Map<string, string>();
    const take = (service: Service): void => {
      const title = titleOf(service);
      for (const number of numbersOf(service)) {
        met();
        const holder = holders.get(number);
        if (holder !== undefined && holder !== title) violated(`${title} was given ${number}, which ${holder} has`, title, holder);
        holders.set(number, title);
      }
    };
    const free = (service: Service): void => {
      for (const number of numbersOf(service)) if (holders.get(number) === titleOf(service)) holders.delete(number);
    };
    // The server makes its own service before anybody looks.
    for (const service of world.server.objects('services')) take(service as Service);
    return {
      resources: ['services'],
      write({ type, object, old }) {
        if (old && (type === 'DELETED' || (old as Service).spec !== (object as Service).spec)) free(old as Service);
        if (type !== 'DELETED' && (old as Service | undefined)?.spec !== (object as Service).spec) take(object as Service);
      },
    };
  },
};

/** Node ports are of one pool whatever their protocol; within one service several protocols may share a number. */
function numbersOf({ spec }: Service): ReadonlySet<string> {
  const { clusterIP, clusterIPs = [], ports = [], healthCheckNodePort } = spec;
  const addresses = [clusterIP, ...clusterIPs].filter((address) => address !== undefined && address !== '' && address !== 'None');
  const nodePorts = [...ports.map(({ nodePort }) => nodePort), healthCheckNodePort].filter((port) => port !== undefined && port !== 0);
  return new Set([...addresses.map((address) => `address ${address}`), ...nodePorts.map((port) => `node port ${port}`)]);
}
