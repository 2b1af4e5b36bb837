import type { TraceRecord } from '@slipway/kernel';
import { shorten } from '../explain/wording.ts';

/** One event as a clause: `kubelet/node-1 calls cri.RuntimeService/RunPodSandbox default/web-0`. Ids are cut short. */
export function eventWords(event: TraceRecord): string {
  const { actor, kind, name, subject } = event;
  const about = subject === undefined ? '' : ` ${subject}`;
  const data = dataWords(event);
  switch (kind) {
    case 'call':
      return shorten(`${actor} calls ${name}${about}${data === '' ? '' : ` (${data})`}`);
    case 'answer':
      return shorten(`${actor} answers ${name}${about}: ${data}`);
    case 'write': {
      const [, verb = '', resource = ''] = /^api\/(.*) (\S+)$/.exec(name) ?? [];
      return verb === '' ? shorten(`${actor} writes ${name}${about}`) : shorten(`${actor} stores ${resource}${about} (${verb})`);
    }
    case 'decision':
      return shorten(`${actor} decides ${name}${about}: ${data}`);
    case 'fault':
      return shorten(`fault at ${actor}: ${name}${about} ${data}`);
    case 'log':
      return shorten(`${actor} logs${about}: ${data}`);
  }
}

/** What a call or answer says beside its subject. */
function dataWords({ kind, subject, data }: TraceRecord): string {
  const words = data.map(String).filter((word) => word !== '');
  return (kind === 'call' ? words.filter((word) => word !== subject) : words).join(' ');
}

/** A value of a field on one line. */
export function valueWords(value: unknown): string {
  if (value === undefined) return '(none)';
  if (typeof value === 'string') return value === '' ? '""' : shorten(value.replace(/\s+/g, ' '));
  return shorten(JSON.stringify(value));
}

/** At most so many characters, with an ellipsis for the rest. */
export const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`);
