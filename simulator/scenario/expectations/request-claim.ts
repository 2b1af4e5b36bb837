import { parseDuration, type Process } from '@slipway/kernel';
import { goalOf, type Outcome, type TrafficRequest } from '../../traffic/index.ts';
import { BadReference, checkSender, isServiceRef, podsOf, resolveObject, resolveSender, resolveTarget } from '../references.ts';
import type { ExpectationDocument, RequestDocument } from '../schema.ts';
import type { Compilation } from './compilation.ts';
import type { Judge, JudgeContext, Verdict } from './judge.ts';
import { failed, held } from './verdict.ts';

// `request` and `reachable`: a request is sent, and what became of it is compared.

type RequestClaim = NonNullable<ExpectationDocument['request']>;
type ReachableClaim = NonNullable<ExpectationDocument['reachable']>;
type Drops = RequestClaim['dropped'];

/** What people call the stages of a request's way, beside their names in the trace. */
const STAGES: Readonly<Record<string, readonly string[]>> = {
  dns: ['dns'],
  service: ['service'],
  network: ['network'],
  mesh: ['mesh-route', 'mesh-authorise'],
  server: ['deliver'],
  balancer: ['load-balancer'],
};

/** A request as traffic takes it. @throws BadReference (also for an address that is none), UnknownVariable */
export function trafficRequest(
  document: RequestDocument,
  { cluster, variables }: Pick<JudgeContext, 'cluster' | 'variables'>,
  speaksHttp = false,
): TrafficRequest {
  const { method, timeout } = document;
  const headers = document.headers && variables.data(document.headers);
  const isHttp = speaksHttp || method !== undefined || headers !== undefined;
  const to = withScheme(resolveTarget(document.to, cluster, variables), isHttp);
  checkGoal(to);
  return {
    from: resolveSender(document.from, cluster, variables),
    to,
    ...(isHttp ? { http: { ...(method === undefined ? {} : { method }), ...(headers ? { headers } : {}) } } : {}),
    ...(timeout === undefined ? {} : { timeout: parseDuration(timeout) }),
  };
}

/** @throws BadReference */
function checkGoal(to: string): void {
  try {
    goalOf({ to });
  } catch (error) {
    throw new BadReference((error as RangeError).message);
  }
}

/** `web`, `web/path` and whatever asks for HTTP mean http://; `web:80` alone is a connection. */
function withScheme(to: string, isHttp: boolean): string {
  if (/^[a-z]+:\/\//.test(to)) return to;
  const hasPort = /^(\[[^\]]*\]|[^/:]*):\d+/.test(to);
  return isHttp || !hasPort || /^(\[[^\]]*\]|[^/:]*):\d+[/?]/.test(to) ? `http://${to}` : to;
}

/** Reports what is wrong with a request before it is sent. */
function checkRequest(key: 'request' | 'reachable', { from, to }: Pick<RequestDocument, 'from' | 'to'>, compilation: Compilation): void {
  if (typeof from === 'string') {
    compilation.checkVariables([key, 'from'], from);
    compilation.attempt([key, 'from'], `${key}.from`, () => checkSender(from));
  } else if ('podOf' in from) compilation.reference([key, 'from', 'podOf'], `${key}.from`, from.podOf);
  else compilation.reference([key, 'from', 'nodeOf'], `${key}.from`, from.nodeOf);
  compilation.checkVariables([key, 'to'], to);
  if (isServiceRef(to) || to.includes('$')) return;
  const kind = /^([a-z]+)\/[^/]+$/i.exec(to)?.[1];
  if (
    kind !== undefined &&
    compilation.kinds.some(({ plural, singular, shortNames }) => [plural, singular, ...shortNames].includes(kind.toLowerCase()))
  )
    return compilation.problem(
      [key, 'to'],
      `${key}.to: "${to}" is an object, not an address`,
      'write the name of a Service: http://web.default, web:80; or service/web for its balancer',
    );
  compilation.attempt([key, 'to'], `${key}.to`, () => checkGoal(withScheme(to, false)));
}

export function compileRequest(document: RequestClaim, compilation: Compilation): Judge | undefined {
  checkRequest('request', document, compilation);
  const { delivered, status, dropped, by } = document;
  if (dropped !== undefined && delivered === true)
    compilation.problem(
      ['request', 'dropped'],
      'request: this could never hold: it is either delivered or dropped',
      'leave one of the two out',
    );
  if (by !== undefined && (delivered === false || dropped !== undefined))
    compilation.problem(['request', 'by'], 'request: this could never hold: nobody answers what is not delivered', 'leave "by" out');
  if (by !== undefined) compilation.reference(['request', 'by'], 'request.by', by);
  if (status !== undefined && (status < 100 || status > 599))
    compilation.problem(['request', 'status'], `request: this could never hold: ${status} is no status of HTTP`, 'write 200, 403, 503 …');
  const scheme = /^([a-z]+):\/\//.exec(document.to)?.[1];
  const isHttp = scheme === undefined || ['http', 'https', 'grpc'].includes(scheme);
  for (const key of ['status', 'method', 'headers'] as const)
    if (!isHttp && document[key] !== undefined)
      compilation.problem(
        ['request', key],
        `request: this could never hold: "${key}" is of HTTP, and "${document.to}" is ${scheme}`,
        'write "to: http://…"',
      );
  if (dropped !== undefined) checkDrop(dropped, compilation);
  if (!compilation.sound) return undefined;
  return {
    sort: 'probe',
    *probe(context): Process<Verdict> {
      const outcome = yield* context.cluster.traffic.request(trafficRequest(document, context, status !== undefined));
      return verdictOf(document, outcome, context);
    },
  };
}

function checkDrop(dropped: NonNullable<Drops>, compilation: Compilation): void {
  if (typeof dropped === 'string' || dropped.stage === undefined || stagesOf(dropped.stage)) return;
  compilation.problem(
    ['request', 'dropped', 'stage'],
    `request: there is no stage "${dropped.stage}"`,
    `write one of ${Object.keys(STAGES).join(', ')}`,
  );
}

export function compileReachable(document: ReachableClaim, compilation: Compilation): Judge | undefined {
  checkRequest('reachable', document, compilation);
  if (!compilation.sound) return undefined;
  return {
    sort: 'probe',
    *probe(context): Process<Verdict> {
      const outcome = yield* context.cluster.traffic.request(trafficRequest(document, context));
      return outcome.delivered === (document.is ?? true) ? held : failed(() => outcomeText(outcome));
    },
  };
}

function verdictOf(claim: RequestClaim, outcome: Outcome, context: JudgeContext): Verdict {
  const { status, dropped, by } = claim;
  const found = outcome.reply?.http?.status;
  if (status !== undefined && found !== status)
    return failed(() => (found === undefined ? outcomeText(outcome) : `the status is ${found}, not ${status}; ${outcomeText(outcome)}`));
  // A proxy's refusal is an answer too: who asks for a status has said enough.
  const delivered = claim.delivered ?? (dropped !== undefined ? false : status === undefined ? true : undefined);
  if (delivered !== undefined && outcome.delivered !== delivered) return failed(() => outcomeText(outcome));
  if (dropped !== undefined && !isDrop(dropped, outcome))
    return failed(() => `${outcomeText(outcome)}, not as ${typeof dropped === 'string' ? `"${dropped}"` : JSON.stringify(dropped)} says`);
  return by === undefined ? held : answeredBy(by, outcome, context);
}

function stagesOf(word: string): readonly string[] | undefined {
  if (Object.hasOwn(STAGES, word)) return STAGES[word];
  return Object.values(STAGES).flat().includes(word) ? [word] : undefined;
}

function isDrop(wanted: NonNullable<Drops>, { dropped }: Outcome): boolean {
  if (!dropped) return false;
  if (typeof wanted === 'string') return stagesOf(wanted)?.includes(dropped.stage) ?? `${dropped.where}: ${dropped.why}`.includes(wanted);
  const { stage, where, why } = wanted;
  if (stage !== undefined && stagesOf(stage)?.includes(dropped.stage) !== true) return false;
  return (where === undefined || dropped.where.includes(where)) && (why === undefined || dropped.why.includes(why));
}

function answeredBy(by: string, outcome: Outcome, { cluster, variables }: JudgeContext): Verdict {
  const answered = podThatAnswered(outcome);
  const reference = resolveObject(by, cluster, variables);
  const pods = podsOf(reference, cluster).map(({ metadata: { namespace, name } }) => `${namespace ?? 'default'}/${name}`);
  if (answered !== undefined && pods.includes(answered)) return held;
  return failed(() => `${answered === undefined ? 'no pod' : `pod ${answered}`} answered, not ${variables.text(by)}`);
}

/** `namespace/name`, by the last step of the way. */
function podThatAnswered({ steps }: Outcome): string | undefined {
  const last = steps.findLast(({ stage }) => stage === 'deliver');
  return last && /^pod (\S+) /.exec(last.what)?.[1];
}

function outcomeText(outcome: Outcome): string {
  const { delivered, reply, dropped } = outcome;
  if (dropped)
    return `it was dropped: ${dropped.stage} at ${dropped.where}: ${dropped.why}${reply?.http ? ` (HTTP ${reply.http.status})` : ''}`;
  if (!delivered) return `it was not delivered${outcome.error === undefined ? '' : `: ${outcome.error}`}`;
  const by = podThatAnswered(outcome);
  return `it was delivered${by === undefined ? '' : ` to pod ${by}`}${reply?.http ? ` (HTTP ${reply.http.status})` : ''}`;
}
