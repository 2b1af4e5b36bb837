import type { Event } from '@slipway/kube';
import { type ObjectReference, parseObjectRef, referenceText } from '../references.ts';
import type { ExpectationDocument } from '../schema.ts';
import type { Compilation } from './compilation.ts';
import type { Report } from './event-log.ts';
import type { Judge } from './judge.ts';
import { failed, held } from './verdict.ts';

// `event`: whether somebody has reported it, and how often.

type EventDocument = Exclude<NonNullable<ExpectationDocument['event']>, string>;

/** The event wanted, variables put in. */
interface Wanted extends EventDocument {
  readonly about: ObjectReference | undefined;
}

export function compileEvent(event: EventDocument | string, of: string | undefined, compilation: Compilation): Judge | undefined {
  const document: EventDocument = typeof event === 'string' ? { reason: event } : event;
  compilation.checkVariables(['event'], document);
  const parsed = of === undefined ? undefined : compilation.reference(['of'], 'of', of);
  const { count, ...named } = document;
  if (count === 0)
    compilation.problem(
      ['event', 'count'],
      'event: this could never fail: everything is reported at least 0 times',
      'leave count out, or write 1 or more',
    );
  if (Object.keys(named).length === 0 && of === undefined)
    compilation.problem(
      ['event'],
      'event: this could never fail: every cluster reports some event',
      'name a reason, a message, or the object with "of"',
    );
  const { reason } = document;
  if (reason !== undefined && !reason.includes('$') && !/^[A-Za-z][A-Za-z0-9]*$/.test(reason))
    compilation.problem(
      typeof event === 'string' ? ['event'] : ['event', 'reason'],
      `event: "${reason}" is no reason: reasons are one word`,
      'write for example FailedMount, or { message: "…" } for part of the message',
    );
  if (!compilation.sound) return undefined;
  return {
    sort: 'state',
    kinds: new Set(['events']),
    judge({ cluster: { server }, variables, events, since }) {
      const about = of?.includes('$') === true ? parseObjectRef(variables.text(of), server.kinds()) : parsed;
      const wanted: Wanted = { ...variables.data(document), about };
      const known = about ? events.about(about.kind.kind, about.name) : events.reports(wanted.reason);
      const found = known.filter((report) => report.at >= since && isWanted(report.event, wanted));
      if (found.length >= (wanted.count ?? 1)) return held;
      // The log grows, and the message may be read when all is over.
      const log = about ? known : events.reports();
      const { length } = log;
      const elsewhere = events.reports(wanted.reason).at(-1);
      return failed(() => {
        const recent = log.slice(0, length).filter(({ at }) => at >= since);
        return instead(wanted, found, recent, elsewhere);
      });
    },
  };
}

function isWanted({ type, reason, message = '', source, reportingComponent, involvedObject }: Event, wanted: Wanted): boolean {
  if (wanted.reason !== undefined && reason !== wanted.reason) return false;
  if (wanted.type !== undefined && type !== wanted.type) return false;
  if (wanted.message !== undefined && !message.includes(wanted.message)) return false;
  if (wanted.from !== undefined && source?.component !== wanted.from && reportingComponent !== wanted.from) return false;
  return wanted.about === undefined || isAbout(involvedObject, wanted.about);
}

function isAbout({ kind, namespace, name }: Event['involvedObject'], about: ObjectReference): boolean {
  // Reports about a Node or a PersistentVolume name no namespace, or the one in which the event is kept.
  return kind === about.kind.kind && name === about.name && (about.namespace === undefined || namespace === about.namespace);
}

/** How often it was reported where that was too seldom; else what was reported about the object. */
function instead(wanted: Wanted, found: readonly Report[], all: readonly Report[], elsewhere: Report | undefined): string {
  const title = wantedText(wanted);
  if (found.length > 0)
    return `${title} was reported ${found.length === 1 ? 'once' : `${found.length} times`}, not ${wanted.count ?? 1} times`;
  const about = wanted.about;
  const near = all.filter(({ event }) => about === undefined || isAbout(event.involvedObject, about));
  const ofReason = near.findLast(({ event }) => wanted.reason !== undefined && event.reason === wanted.reason);
  if (ofReason) {
    const { type = '', message = '', source } = ofReason.event;
    return `${title} was not reported; the last ${wanted.reason ?? ''} is ${type} from ${source?.component ?? 'nobody'}: ${message}`;
  }
  const reasons = [...new Set(near.map(({ event }) => event.reason ?? '').reverse())].slice(0, 5).reverse();
  const those = about === undefined ? 'there were' : 'about it there were';
  const said = `${title} was not reported; ${those} ${reasons.length === 0 ? 'no events' : reasons.join(', ')}`;
  // What happens to a workload's pods is reported about the pods.
  const { kind, namespace, name } = elsewhere?.event.involvedObject ?? {};
  return wanted.reason === undefined || !about || name === undefined
    ? said
    : `${said}; ${wanted.reason} was reported about ${kind} ${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** `Warning FailedMount with "timed out" from kubelet about Pod default/web`. */
function wantedText({ reason = 'event', type, message, from, about }: Wanted): string {
  const parts = [type, reason, message === undefined ? undefined : `with "${message}"`, from === undefined ? undefined : `from ${from}`];
  return [...parts, about && `about ${referenceText(about)}`].filter((part) => part !== undefined).join(' ');
}
