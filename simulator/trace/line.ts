import { encodeBase64 } from '@slipway/host';
import type { Scalar, TraceRecord } from '@slipway/kernel';

/** Text that JSON writes as it stands between quotes. */
const PLAIN = /^[ !#-[\]-~]*$/;

const quote = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

function scalar(value: Scalar): string {
  return typeof value === 'string' ? quote(value) : String(value);
}

/**
 * The line of an event that the fingerprint hashes: the pinned keys in their order; `data` is the method's summary. Without a line feed.
 * Written by hand, since a line is made for every event of every run.
 */
export function traceLine({ seq, at, actor, kind, name, subject, cause, data }: TraceRecord): string {
  let list = '';
  for (const value of data) list += list === '' ? scalar(value) : `,${scalar(value)}`;
  const about = subject === undefined ? '' : `,"subject":${quote(subject)}`;
  return `{"seq":${seq},"at":${at},"actor":${quote(actor)},"kind":"${kind}","name":${quote(name)}${about},"cause":${cause},"data":[${list}]}`;
}

/** The same line with the whole request, answer, object or reasons as `data`, where there is any. */
export function fullTraceLine(record: TraceRecord): string {
  if (record.full === undefined) return traceLine(record);
  const { seq, at, actor, kind, name, subject, cause, full } = record;
  return JSON.stringify({ seq, at, actor, kind, name, subject, cause, data: full }, (_key, value: unknown) => portable(value));
}

/** What JSON has no form for: nanoseconds as decimal text, bytes as base64, errors as code and message. */
function portable(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (value instanceof Error) return { code: (value as { code?: unknown }).code, message: value.message };
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}
