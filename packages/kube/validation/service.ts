import { dns1123LabelProblems, dns1123SubdomainProblems, isIPv4, isIPv6, portNumberProblems } from '../names.ts';
import type { EndpointSlice, Service, ServicePort, ServiceSpec } from '../types/index.ts';
import { validatePortNumberOrName } from './container.ts';
import { duplicateValue, type FieldError, forbiddenField, invalidValue, requiredValue, tooMany } from './field-error.ts';
import { immutableField, validateLabels } from './metadata.ts';

// Source: `pkg/apis/core/validation/validation.go` ValidateService, `pkg/apis/discovery/validation/validation.go`.

const ipDetail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

function isIP(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

export function validateService({ spec }: Service): readonly FieldError[] {
  const errors: FieldError[] = [];
  const headless = spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') errors.push(requiredValue('spec.ports'));
  if (headless && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) {
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  }
  if (spec.type === 'ExternalName') errors.push(...validateExternalName(spec));
  errors.push(...validateServicePorts(ports, spec));
  errors.push(...validateLabels(spec.selector, 'spec.selector'));
  errors.push(...validateAddresses(spec));
  errors.push(...validateTraffic(spec));
  return errors;
}

function validateExternalName(spec: ServiceSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.clusterIP ?? '') !== '') errors.push(forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services'));
  // A dot at the end makes the name absolute and is allowed.
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(requiredValue('spec.externalName'));
  else for (const problem of dns1123SubdomainProblems(name)) errors.push(invalidValue('spec.externalName', name, problem));
  return errors;
}

function validateServicePorts(ports: readonly ServicePort[], spec: ServiceSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, { name = '', port, protocol = 'TCP', targetPort, nodePort = 0 }] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    if (name === '') {
      if (ports.length > 1) errors.push(requiredValue(`${at}.name`));
    } else {
      for (const problem of dns1123LabelProblems(name)) errors.push(invalidValue(`${at}.name`, name, problem));
      if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name));
      names.add(name);
    }
    for (const problem of portNumberProblems(port)) errors.push(invalidValue(`${at}.port`, port, problem));
    if (targetPort !== undefined) errors.push(...validatePortNumberOrName(targetPort, `${at}.targetPort`));
    if (numbers.has(`${protocol}/${port}`)) errors.push(duplicateValue(at, { protocol, port }));
    numbers.add(`${protocol}/${port}`);
    if (nodePort === 0) continue;
    if (spec.type === 'ClusterIP') errors.push(forbiddenField(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    for (const problem of portNumberProblems(nodePort)) errors.push(invalidValue(`${at}.nodePort`, nodePort, problem));
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicateValue(`${at}.nodePort`, nodePort));
    nodePorts.add(`${protocol}/${nodePort}`);
  }
  return errors;
}

function validateAddresses(spec: ServiceSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { clusterIP = '', clusterIPs = [] } = spec;
  if (clusterIP !== '' && clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
    errors.push(invalidValue('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
  }
  if (clusterIP !== '' && clusterIP !== 'None' && !isIP(clusterIP)) errors.push(invalidValue('spec.clusterIPs[0]', clusterIP, ipDetail));
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    if (!isIP(ip)) errors.push(invalidValue(`spec.externalIPs[${index}]`, ip, ipDetail));
  }
  return errors;
}

function validateTraffic(spec: ServiceSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const outside =
    spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  if (!outside && spec.externalTrafficPolicy !== undefined) {
    errors.push(
      invalidValue('spec.externalTrafficPolicy', spec.externalTrafficPolicy, 'may only be set for externally-accessible services'),
    );
  }
  const clientTimeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig !== undefined) {
    errors.push(forbiddenField('spec.sessionAffinityConfig', 'must not be set when session affinity is None'));
  } else if (clientTimeout !== undefined && (clientTimeout <= 0 || clientTimeout > 86_400)) {
    const at = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
    errors.push(invalidValue(at, clientTimeout, 'must be greater than 0 and less than 86400'));
  }
  if (spec.type !== 'LoadBalancer') {
    for (const field of ['loadBalancerClass', 'allocateLoadBalancerNodePorts'] as const) {
      if (spec[field] !== undefined) errors.push(forbiddenField(`spec.${field}`, "may only be used when `type` is 'LoadBalancer'"));
    }
  }
  return errors;
}

export function validateServiceUpdate(service: Service, old: Service): readonly FieldError[] {
  const errors: FieldError[] = [...validateService(service)];
  const [spec, was] = [service.spec, old.spec];
  const primary = (given: ServiceSpec): string => given.clusterIP ?? given.clusterIPs?.[0] ?? '';
  if (spec.type !== 'ExternalName' && was.type !== 'ExternalName' && primary(was) !== '' && primary(spec) !== primary(was)) {
    errors.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs ?? [primary(spec)], 'may not change once set'));
  }
  if (spec.type === 'LoadBalancer' && was.type === 'LoadBalancer' && spec.loadBalancerClass !== was.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'));
  }
  return errors;
}

export function validateEndpointSlice({ addressType, endpoints, ports = [] }: EndpointSlice): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (endpoints.length > 1000) errors.push(tooMany('endpoints', endpoints.length, 1000));
  for (const [index, { addresses, hostname = '' }] of endpoints.entries()) {
    const at = `endpoints[${index}]`;
    if (addresses.length === 0) errors.push(requiredValue(`${at}.addresses`, 'must contain at least 1 address'));
    if (addresses.length > 100) errors.push(tooMany(`${at}.addresses`, addresses.length, 100));
    for (const [position, address] of addresses.entries()) {
      const path = `${at}.addresses[${position}]`;
      if (addressType === 'IPv4' && !isIPv4(address)) errors.push(invalidValue(path, address, 'must be an IPv4 address'));
      if (addressType === 'IPv6' && !isIPv6(address)) errors.push(invalidValue(path, address, 'must be an IPv6 address'));
      if (addressType === 'FQDN')
        for (const problem of dns1123SubdomainProblems(address)) errors.push(invalidValue(path, address, problem));
    }
    if (hostname !== '')
      for (const problem of dns1123LabelProblems(hostname)) errors.push(invalidValue(`${at}.hostname`, hostname, problem));
  }
  const names = new Set<string>();
  for (const [index, { name = '' }] of ports.entries()) {
    if (names.has(name)) errors.push(duplicateValue(`ports[${index}].name`, name));
    names.add(name);
  }
  return errors;
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): readonly FieldError[] {
  return [...validateEndpointSlice(slice), ...immutableField(slice.addressType, old.addressType, 'addressType')];
}
