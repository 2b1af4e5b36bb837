import type { Service } from '@slipway/kube';

const variable = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/**
 * Variables that tell a container where services are: `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT` and the older `WEB_PORT_80_TCP…`.
 * Headless services have none.
 *
 * Source: `pkg/kubelet/envvars/envvars.go`.
 */
export function serviceVariables(services: readonly Service[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const service of services) {
    const ip = service.spec.clusterIP;
    const ports = service.spec.ports ?? [];
    if (!hasClusterIP(service) || ip === undefined || ports[0] === undefined) continue;
    const prefix = variable(service.metadata.name);
    const host = ip.includes(':') ? `[${ip}]` : ip;
    variables.set(`${prefix}_SERVICE_HOST`, ip);
    variables.set(`${prefix}_SERVICE_PORT`, String(ports[0].port));
    for (const { name, port } of ports) if (name) variables.set(`${prefix}_SERVICE_PORT_${variable(name)}`, String(port));
    for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
      const url = `${protocol.toLowerCase()}://${host}:${port}`;
      if (index === 0) variables.set(`${prefix}_PORT`, url);
      const portPrefix = `${prefix}_PORT_${port}_${protocol}`;
      variables.set(portPrefix, url);
      variables.set(`${portPrefix}_PROTO`, protocol.toLowerCase());
      variables.set(`${portPrefix}_PORT`, String(port));
      variables.set(`${portPrefix}_ADDR`, ip);
    }
  }
  return variables;
}

/** The service has an address of its own. */
export function hasClusterIP({ spec }: Service): boolean {
  return spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';
}
