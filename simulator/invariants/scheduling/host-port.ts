import type { Pod } from '@slipway/kube';
import { isBinding, isEnding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

interface Claim {
  readonly uid: string;
  readonly title: string;
  /** Empty: every address of the node. */
  readonly address: string;
  /** `8080/TCP`. */
  readonly port: string;
}

/** Judged at each binding, as SCH-01 is. Void for pods that were created with a node name, whom no scheduler has weighed. */
export const hostPort: Invariant = {
  id: 'SCH-13',
  name: 'host-port',
  kind: 'S',
  holds: 'two live pods on a node never claim the same address, protocol and port',
  watch: (_world, { violated, met }, { placements }) => {
    /** By `node port/protocol`. */
    const taken = new Map<string, Claim[]>();
    return {
      resources: ['pods'],
      write(write) {
        const pod = write.object as Pod;
        const node = pod.spec.nodeName;
        if (!node) return;
        if (isBinding(write)) {
          const claims = claimsOf(pod);
          const placed = placements.of(pod.metadata.uid ?? '');
          if (claims.length > 0) met();
          for (const claim of claims) {
            const others = taken.get(`${node} ${claim.port}`) ?? [];
            for (const other of others) {
              if (other.uid === claim.uid || (other.address !== claim.address && other.address !== '' && claim.address !== '')) continue;
              const holder = placements.of(other.uid);
              if (placed && holder && !placements.knew(placed, holder)) continue;
              violated(`${claim.title} and ${other.title} both claim host port ${claim.port} of ${node}`, claim.title, other.title);
            }
            taken.set(`${node} ${claim.port}`, [...others, claim]);
          }
        } else if (isEnding(write)) {
          for (const { port, uid } of claimsOf(pod)) {
            const left = taken.get(`${node} ${port}`)?.filter((claim) => claim.uid !== uid) ?? [];
            if (left.length > 0) taken.set(`${node} ${port}`, left);
            else taken.delete(`${node} ${port}`);
          }
        }
      },
    };
  },
};

function claimsOf(pod: Pod): readonly Claim[] {
  const { containers, initContainers = [] } = pod.spec;
  return [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')].flatMap(({ ports = [] }) =>
    ports
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map(({ hostPort: number = 0, protocol = 'TCP', hostIP = '' }) => ({
        uid: pod.metadata.uid ?? '',
        title: podTitle(pod),
        address: hostIP === '0.0.0.0' || hostIP === '::' ? '' : hostIP,
        port: `${number}/${protocol}`,
      })),
  );
}
