import type { FootprintOptions, Owner } from '@slipway/kernel';

/** Programs that reach others only by calls to the API server and to plugins. They share informers, so that they count as one. */
const CONTROL_PLANE = /^kube-apiserver$|^kube-scheduler$|^external-|-(controller|controller-manager|collector)$/;

/**
 * Whose memory a part of a cluster works in: a machine's, as all that runs on it; or the control plane's. Of all others, such as a user
 * who pulls a plug, a cloud or a mesh, it is not known what they reach.
 *
 * @param nodes names of the machines
 */
export function worldDomains(nodes: ReadonlySet<string>): NonNullable<FootprintOptions['domainOf']> {
  return (owner) => machineOf(owner, nodes) ?? (CONTROL_PLANE.test(owner.name) ? 'control plane' : undefined);
}

/** The name of the machine at the end of the name of the part, or of what it belongs to. */
function machineOf(owner: Owner, nodes: ReadonlySet<string>): string | undefined {
  for (let each: Owner | undefined = owner; each; each = each.parent) {
    const last = each.name.slice(each.name.lastIndexOf('/') + 1);
    if (nodes.has(last)) return last;
  }
  return undefined;
}
