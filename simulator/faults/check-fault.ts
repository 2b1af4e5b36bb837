import { quantityValue } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import type { FaultDocument, NodeFaultDocument } from '../scenario/schema.ts';
import { ARROWS, arrowsOf, isOnWatches, type WatchArrow } from './arrows.ts';
import { type CallPattern, callPattern, concerns, shortName } from './call-pattern.ts';
import { KNOWN_SERVICES, type KnownService } from './known-calls.ts';

/** What is wrong with a fault before anything runs. */
export interface FaultProblem {
  /** From the fault: `['error', 'code']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix: string;
}

/** What is wrong with the `on` of a fault, and what to write instead; undefined when it names calls that there are. */
export function matchCalls(on: string): Omit<FaultProblem, 'path'> | undefined {
  const pattern = callPattern(on);
  if (servicesOf(pattern).length > 0) return undefined;
  const interfaces = distinct(KNOWN_SERVICES.map((service) => service.interface));
  const { interface: own = '', service: part, method } = pattern;
  const within = servicesOf({ interface: own });
  if (within.length === 0) {
    return unknown(
      `there is no interface "${own}"`,
      own,
      interfaces,
      (near) => [near, on.slice(own.length)].join(''),
      `interfaces are ${interfaces.join(', ')}`,
    );
  }
  const names = within.map(shortName);
  const services = part === undefined ? within : servicesOf({ interface: own, service: part });
  if (services.length === 0) {
    return unknown(
      `${own} has no service "${part}"`,
      part ?? '',
      names,
      (near) => `${own}.${near}/${method ?? '*'}`,
      `its services are ${names.join(', ')}`,
    );
  }
  const methods = distinct(services.flatMap(methodsOf));
  if (method === undefined) return undefined;
  const whose = part === undefined ? own : `${own}.${part}`;
  // `csi.Controller` names a service where a method stands.
  const asService = names.find((name) => name.toLowerCase() === method.toLowerCase());
  if (part === undefined && asService !== undefined)
    return { message: `${own} has no method "${method}"`, fix: `for all calls of this service write "${own}.${asService}/*"` };
  return unknown(
    `${whose} has no method "${method}"`,
    method,
    methods,
    (near) => (part === undefined ? `${own}.${near}` : `${own}.${part}/${near}`),
    `its methods are ${methods.join(', ')}`,
  );
}

/** What is wrong with a fault: calls that there are not, no arrow or several, a code that no caller knows. */
export function checkFault(fault: Omit<FaultDocument, 'node'>): readonly FaultProblem[] {
  const problems: FaultProblem[] = [];
  const problem = (path: FaultProblem['path'], message: string, fix: string): void => void problems.push({ path, message, fix });
  const unmatched = matchCalls(fault.on);
  if (unmatched) problem(['on'], unmatched.message, unmatched.fix);
  const [arrow, second] = arrowsOf(fault);
  if (arrow === undefined) problem([], 'does nothing to the calls', `add one of ${ARROWS.join(', ')}`);
  else if (second !== undefined) problem([second], `"${arrow}" and "${second}" are two things that go wrong`, 'write a step for each');
  if (!unmatched) checkCodes(fault, problem);
  if (arrow !== undefined && isOnWatches(arrow)) checkWatches(fault, arrow, problem);
  if (arrow === 'stale' && !unmatched) checkReads(fault.on, problem);
  if (typeof fault.rate === 'string') {
    const [share = 0, whole = 0] = fault.rate.split('/').map(Number);
    if (whole === 0 || share > whole) problem(['rate'], `${fault.rate} is no share`, 'write for example 1/4');
  }
  return problems;
}

/** What is wrong with a fault of a machine: nothing or several things, an amount of memory that is none. */
export function checkNodeFault(fault: Omit<NodeFaultDocument, 'node' | 'for'>): readonly FaultProblem[] {
  const [first, second] = AILMENTS.filter((key) => fault[key] !== undefined);
  if (first === undefined)
    return [
      { path: [], message: 'nothing is wrong with the machine', fix: 'add one of freeze: true, clock: +5m, disk: full, memory: 50Mi' },
    ];
  if (second !== undefined)
    return [{ path: [second], message: `"${first}" and "${second}" are two things that go wrong`, fix: 'write a step for each' }];
  if (fault.memory !== undefined && !isAmount(fault.memory))
    return [{ path: ['memory'], message: `"${fault.memory}" is no amount of memory`, fix: 'write for example 50Mi' }];
  return [];
}

const AILMENTS = ['freeze', 'clock', 'disk', 'memory'] as const;

function isAmount(memory: string): boolean {
  try {
    return quantityValue(memory) >= 0;
  } catch {
    return false;
  }
}

type Report = (path: FaultProblem['path'], message: string, fix: string) => void;

function checkCodes(fault: Omit<FaultDocument, 'node'>, problem: Report): void {
  const services = servicesOf(callPattern(fault.on));
  for (const arrow of ['error', 'refuse'] as const) {
    const given = fault[arrow];
    if (given === undefined || given === true) continue;
    const code = typeof given === 'object' ? given.code : given;
    if (code === undefined || services.some(({ codes }) => codes.allows(String(code)))) continue;
    // A link refuses in gRPC's words, whatever the interface has.
    if (arrow === 'refuse' && code === 'UNAVAILABLE') continue;
    const [first] = services;
    const texts = distinct(services.map(({ codes }) => codes.text));
    const near = suggestion(
      String(code),
      texts.flatMap((text) => text.split(', ')),
    );
    const path = typeof given === 'object' ? [arrow, 'code'] : [arrow];
    const who = distinct(services.map((service) => service.interface)).join(' and ');
    const codes =
      texts.length === 1 && first ? `its codes are ${first.codes.text}` : `codes are those of one interface: name it, for example cni.add`;
    problem(path, `${who} has no code "${code}"`, near === undefined ? codes : `did you mean ${near}?`);
  }
}

/** Only reads of the API server can be old: those of the others say what is. */
function checkReads(on: string, problem: Report): void {
  const pattern = callPattern(on);
  const reads = { interface: 'api', name: 'api.Server', methods: { get: true, list: true } };
  if (pattern.interface === undefined || !concerns(pattern, reads))
    problem(['on'], 'only reads of the API server can be stale', 'write "on: api" for what may be old in Kubernetes, or "on: api.List"');
}

const WATCHES_CAN: { readonly [A in WatchArrow]: string } = { lag: 'lag', coalesce: 'be coalesced', cut: 'be cut' };

function checkWatches(fault: Omit<FaultDocument, 'node'>, arrow: WatchArrow, problem: Report): void {
  const { interface: own, method } = callPattern(fault.on);
  const isWatch = own === undefined || (own.toLowerCase() === 'api' && (method === undefined || method.toLowerCase() === 'watch'));
  if (!isWatch) problem(['on'], `only watches of the API server can ${WATCHES_CAN[arrow]}`, 'write "on: api.watch"');
  for (const key of ['about', 'after', 'times', 'rate'] as const)
    if (fault[key] !== undefined)
      problem(
        [key],
        `"${key}" chooses calls, and ${arrow} concerns watches that are open`,
        `leave it out; "node" and "from" choose whose watches`,
      );
}

function servicesOf(pattern: CallPattern): readonly KnownService[] {
  return KNOWN_SERVICES.filter((service) => concerns(pattern, service));
}

/** As traces write them: with a capital. */
function methodsOf({ methods }: KnownService): readonly string[] {
  return Object.keys(methods).map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}`);
}

function unknown(
  message: string,
  word: string,
  words: readonly string[],
  correct: (near: string) => string,
  otherwise: string,
): Omit<FaultProblem, 'path'> {
  const near = suggestion(word, words);
  return { message, fix: near === undefined ? otherwise : `did you mean "${correct(near)}"?` };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
