import type { Call } from './call.ts';
import { type CallError, codeOf, messageOf, type Rule } from './contract.ts';
import { missingYield, type NamedCall } from './unstarted-calls.ts';

// What a link checks around each call: the spec's rules on request and answer, and that errors are the spec's own.

/** Codes that any link may answer with, whatever the spec's list says. */
const LINK_CODES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED', 'CANCELLED', 'UNKNOWN']);
const NO_RULES: readonly Rule<unknown, unknown>[] = [];

/** What is wrong with one side of the call; a breach is recorded. */
export function brokenRule(call: Call, side: 'request' | 'response'): string | undefined {
  const { method, request, response } = call;
  const misshapen = side === 'response' && (response === null || typeof response !== 'object') && response !== undefined;
  if (misshapen)
    return breach(call, 'plugin', 'link.response-object', undefined, `the answer is ${JSON.stringify(response)}, not an object`);
  for (const rule of method.descriptor.guard?.rules ?? NO_RULES) {
    let wrong: string | undefined;
    try {
      wrong = side === 'request' ? rule.request?.(request) : rule.response?.(request, response);
    } catch (error) {
      wrong = `the ${side} has not the shape that the rule reads (${messageOf(error)})`;
    }
    if (wrong !== undefined) return breach(call, side === 'request' ? 'caller' : 'plugin', rule.id, rule.source, wrong);
  }
  return undefined;
}

/** Records an error that is none of the spec's, and returns what the caller gets. */
export function checkedError(call: Call, error: unknown): unknown {
  const code = codeOf(error);
  const { codes } = call.method.descriptor.guard ?? {};
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  if (!hasCode) {
    // Some specs take a plain error for an answer; a TypeError is a mistake under any.
    const plain = error instanceof Error && error.name === 'Error';
    if (!(plain && codes && 'allows' in codes && codes.allows('UNKNOWN'))) {
      const threw = error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
      breach(call, 'plugin', 'link.typed-error', undefined, `it threw ${threw}, which is none of the spec's errors`);
    }
    return call.link.service.error('UNKNOWN', messageOf(error));
  }
  // By the field, not by its class: a visitor's plugin may have its own copy of the package that throws it.
  if (codes && (error as CallError).isForeign) return call.link.service.error('UNKNOWN', messageOf(error));
  if (codes && !LINK_CODES.has(code) && !('allows' in codes ? codes.allows(code) : codes.includes(code))) {
    const allowed = 'allows' in codes ? codes.text : codes.join(', ');
    breach(call, 'plugin', 'link.allowed-code', undefined, `it answered ${code}; the spec allows ${allowed}`);
  }
  return error;
}

/** Records that the callee's own code made a call and forgot to wait for it, and returns what the caller gets. */
export function carelessWork(call: Call, forgotten: NamedCall): unknown {
  const wrong = missingYield(forgotten);
  breach(call, 'plugin', 'link.yield-missing', undefined, wrong);
  // A code that every spec puts up with: the one mistake is told once.
  return call.link.service.error('UNKNOWN', wrong);
}

function breach(call: Call, side: 'caller' | 'plugin', rule: string, source: string | undefined, message: string): string {
  const { link, method, request, response } = call;
  const { kernel } = link;
  const culprit = side === 'caller' ? link.from.name : link.to.name;
  const seq = kernel.record('fault', culprit, method.title, subjectOf(call), ['breach', rule, message], undefined, call.seq);
  kernel.events.emit('breach', { at: kernel.now, culprit, side, call: method.title, rule, source, message, request, response, seq });
  return message;
}

/** The object that the call is about, for traces and faults. */
export function subjectOf(call: Call): string | undefined {
  try {
    return call.method.descriptor.subject?.(call.request);
  } catch {
    return undefined;
  }
}
