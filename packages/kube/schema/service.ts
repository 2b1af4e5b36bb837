// Schemas of `types/service.ts`.

import type * as t from '../types/index.ts';
import { flag, int, intOrString, list, object, once, oneOf, opt, orZero, text, textMap } from './build.ts';
import { condition, objectMeta } from './meta.ts';
import { objectReference } from './reference.ts';
import { ipFamily, protocol, serviceType } from './vocabulary.ts';

export const servicePort = once(() =>
  object<t.ServicePort>({
    name: opt(text),
    protocol: opt(protocol),
    appProtocol: opt(text),
    port: int,
    targetPort: opt(intOrString),
    nodePort: opt(int),
  }),
);

export const clientIPConfig = once(() =>
  object<t.ClientIPConfig>({
    timeoutSeconds: opt(int),
  }),
);

export const sessionAffinityConfig = once(() =>
  object<t.SessionAffinityConfig>({
    clientIP: opt(clientIPConfig()),
  }),
);

export const serviceSpec = once(() =>
  object<t.ServiceSpec>({
    ports: opt(list(servicePort())),
    selector: opt(textMap),
    clusterIP: opt(text),
    clusterIPs: opt(list(text)),
    type: opt(serviceType),
    externalIPs: opt(list(text)),
    sessionAffinity: opt(oneOf('None', 'ClientIP')),
    sessionAffinityConfig: opt(sessionAffinityConfig()),
    loadBalancerIP: opt(text),
    loadBalancerSourceRanges: opt(list(text)),
    loadBalancerClass: opt(text),
    externalName: opt(text),
    externalTrafficPolicy: opt(oneOf('Cluster', 'Local')),
    internalTrafficPolicy: opt(oneOf('Cluster', 'Local')),
    healthCheckNodePort: opt(int),
    publishNotReadyAddresses: opt(flag),
    ipFamilies: opt(list(ipFamily)),
    ipFamilyPolicy: opt(oneOf('SingleStack', 'PreferDualStack', 'RequireDualStack')),
    allocateLoadBalancerNodePorts: opt(flag),
    trafficDistribution: opt(text),
  }),
);

export const portStatus = once(() =>
  object<t.PortStatus>({
    port: int,
    protocol: protocol,
    error: opt(text),
  }),
);

export const loadBalancerIngress = once(() =>
  object<t.LoadBalancerIngress>({
    ip: opt(text),
    hostname: opt(text),
    ipMode: opt(oneOf('VIP', 'Proxy')),
    ports: opt(list(portStatus())),
  }),
);

export const loadBalancerStatus = once(() =>
  object<t.LoadBalancerStatus>({
    ingress: opt(list(loadBalancerIngress())),
  }),
);

export const serviceStatus = once(() =>
  object<t.ServiceStatus>({
    loadBalancer: opt(loadBalancerStatus()),
    conditions: opt(list(condition())),
  }),
);

export const service = once(() =>
  object<t.Service>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Service'),
    metadata: orZero(objectMeta(), {}),
    spec: orZero(serviceSpec(), {}),
    status: opt(serviceStatus()),
  }),
);

export const endpointAddress = once(() =>
  object<t.EndpointAddress>({
    ip: text,
    hostname: opt(text),
    nodeName: opt(text),
    targetRef: opt(objectReference()),
  }),
);

export const coreEndpointPort = once(() =>
  object<t.CoreEndpointPort>({
    name: opt(text),
    port: int,
    protocol: opt(protocol),
    appProtocol: opt(text),
  }),
);

export const endpointSubset = once(() =>
  object<t.EndpointSubset>({
    addresses: opt(list(endpointAddress())),
    notReadyAddresses: opt(list(endpointAddress())),
    ports: opt(list(coreEndpointPort())),
  }),
);

export const endpoints = once(() =>
  object<t.Endpoints>({
    apiVersion: oneOf('v1'),
    kind: oneOf('Endpoints'),
    metadata: orZero(objectMeta(), {}),
    subsets: opt(list(endpointSubset())),
  }),
);

export const endpointConditions = once(() =>
  object<t.EndpointConditions>({
    ready: opt(flag),
    serving: opt(flag),
    terminating: opt(flag),
  }),
);

export const forZone = once(() =>
  object<t.ForZone>({
    name: text,
  }),
);

export const forNode = once(() =>
  object<t.ForNode>({
    name: text,
  }),
);

export const endpointHints = once(() =>
  object<t.EndpointHints>({
    forZones: opt(list(forZone())),
    forNodes: opt(list(forNode())),
  }),
);

export const endpoint = once(() =>
  object<t.Endpoint>({
    addresses: orZero(list(text), []),
    conditions: opt(endpointConditions()),
    hostname: opt(text),
    targetRef: opt(objectReference()),
    deprecatedTopology: opt(textMap),
    nodeName: opt(text),
    zone: opt(text),
    hints: opt(endpointHints()),
  }),
);

export const endpointPort = once(() =>
  object<t.EndpointPort>({
    name: opt(text),
    protocol: opt(protocol),
    port: opt(int),
    appProtocol: opt(text),
  }),
);

export const endpointSlice = once(() =>
  object<t.EndpointSlice>({
    apiVersion: oneOf('discovery.k8s.io/v1'),
    kind: oneOf('EndpointSlice'),
    metadata: orZero(objectMeta(), {}),
    addressType: oneOf('IPv4', 'IPv6', 'FQDN'),
    endpoints: orZero(list(endpoint()), []),
    ports: opt(list(endpointPort())),
  }),
);
