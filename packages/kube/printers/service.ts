import { formatLabels } from '../selectors.ts';
import type { Endpoints, EndpointSlice, Service } from '../types/index.ts';
import { type Column, column, none, orNone, unset, wide } from './column.ts';
import { age, name } from './shared.ts';

// Source: `pkg/printers/internalversion/printers.go` printService, printEndpointSlice, printEndpoints.

const balancerWidth = 16;

function externalAddress({ spec, status }: Service): string {
  const listed = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const ingress = status?.loadBalancer?.ingress ?? [];
      const joined = [...new Set(ingress.map(({ ip, hostname }) => ip ?? hostname ?? ''))].filter((address) => address !== '').join(',');
      const shown = joined.length > balancerWidth ? `${joined.slice(0, balancerWidth - 3)}...` : joined;
      const all = [...(shown === '' ? [] : [shown]), ...listed];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    default:
      return listed.length === 0 ? none : listed.join(',');
  }
}

function servicePorts({ spec }: Service): string {
  return orNone(
    (spec.ports ?? [])
      .map(({ port, nodePort = 0, protocol = 'TCP' }) => (nodePort === 0 ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`))
      .join(','),
  );
}

export const serviceColumns: readonly Column<Service>[] = [
  name,
  column('Type', ({ spec }) => spec.type),
  column('Cluster-IP', ({ spec }) => orNone(spec.clusterIP ?? spec.clusterIPs?.[0])),
  column('External-IP', externalAddress),
  column('Port(s)', servicePorts),
  age,
  wide('Selector', ({ spec }) => formatLabels(spec.selector)),
];

/** The first three, and how many there are besides. */
function firstThree(texts: readonly string[], absent: string): string {
  if (texts.length === 0) return absent;
  const shown = texts.slice(0, 3).join(',');
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown;
}

export const endpointSliceColumns: readonly Column<EndpointSlice>[] = [
  name,
  column('AddressType', ({ addressType }) => addressType),
  column('Ports', ({ ports }) =>
    firstThree(
      (ports ?? []).map(({ port }) => (port === undefined ? '*' : String(port))),
      unset,
    ),
  ),
  column('Endpoints', ({ endpoints }) =>
    firstThree(
      endpoints.flatMap(({ addresses }) => addresses),
      unset,
    ),
  ),
  age,
];

function endpointList({ subsets }: Endpoints): string {
  const pairs = (subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }) => ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
  return firstThree(pairs, none);
}

export const endpointsColumns: readonly Column<Endpoints>[] = [name, column('Endpoints', endpointList), age];
