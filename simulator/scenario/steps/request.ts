import { parseDuration } from '@slipway/kernel';
import type { Outcome, TrafficRequest } from '../../traffic/index.ts';
import { goalOf } from '../../traffic/index.ts';
import { checkSender, isServiceRef, resolveSender, resolveTarget } from '../references.ts';
import type { RequestDocument } from '../schema.ts';
import { StepError } from './step-error.ts';
import type { StepKind } from './step-kind.ts';

export const requestStep: StepKind<RequestDocument> = {
  check({ from, to, method, headers }, checker) {
    if (typeof from === 'string') checker.attempt(['from'], () => checkSender(from));
    else checker.object(['from', 'podOf' in from ? 'podOf' : 'nodeOf'], 'podOf' in from ? from.podOf : from.nodeOf);
    if (method !== undefined && !/^[A-Z]+$/.test(method))
      checker.problem(
        ['method'],
        `"${method}" is no method of HTTP`,
        /^[a-z]+$/i.test(method) ? `write "${method.toUpperCase()}"` : 'write for example GET or POST',
      );
    if (to.includes('$') || isServiceRef(to)) return;
    const goal = checker.attempt(['to'], () => goalOf({ to }));
    if (!goal || goal.protocol === 'http') return;
    if (method !== undefined)
      checker.problem(
        ['method'],
        `a method is of HTTP, and "${to}" is ${goal.protocol}`,
        `write "to: http://${to.replace(/^\w+:\/\//, '')}"`,
      );
    if (headers !== undefined)
      checker.problem(
        ['headers'],
        `headers are of HTTP, and "${to}" is ${goal.protocol}`,
        `write "to: http://${to.replace(/^\w+:\/\//, '')}"`,
      );
  },
  subject: ({ to }, { variables }) => variables.text(to),
  *perform(document, { cluster, variables }) {
    const outcome = yield* cluster.traffic.request({
      from: resolveSender(document.from, cluster, variables),
      to: resolveTarget(document.to, cluster, variables),
      ...httpOf(document.method, variables.data(document.headers)),
      ...(document.timeout === undefined ? {} : { timeout: parseDuration(document.timeout) }),
    });
    if (!outcome.delivered) throw new StepError(whyNot(outcome));
    return undefined;
  },
};

function httpOf(method: string | undefined, headers: RequestDocument['headers']): Pick<TrafficRequest, 'http'> {
  if (method === undefined && headers === undefined) return {};
  return { http: { method: method ?? 'GET', ...(headers === undefined ? {} : { headers }) } };
}

/** `no answer: dropped at node-2 (network): …`, and what the client saw. */
function whyNot({ dropped, error }: Outcome): string {
  const way = dropped === undefined ? '' : `dropped at ${dropped.where} (${dropped.stage}): ${dropped.why}`;
  const seen = error === undefined || error === dropped?.why ? '' : error;
  return `no answer: ${[way, seen].filter((part) => part !== '').join('; the client sees: ')}`;
}
