import { oneLine } from '../one-line.ts';
import { ACTIONS, type StepDocument } from '../schema.ts';

const LONGEST = 100;

/** One line for people and reports: `powerOff: {nodeOf: deployment/web} as lost`. At most 100 columns. */
export function describeStep(document: StepDocument): string {
  const action = ACTIONS.find((key) => document[key] !== undefined) ?? '';
  const what = action === 'apply' ? applied(document.apply) : action === '' ? '' : oneLine(document[action]);
  const tail = `${document.as === undefined ? '' : ` as ${document.as}`}${document.fails === undefined ? '' : ' (has to fail)'}`;
  const head = `${action}: ${what}`;
  const room = LONGEST - tail.length;
  return `${head.length > room ? `${head.slice(0, room - 1)}…` : head}${tail}`;
}

/** Paths as they are, objects by kind and name: what is in them would fill a page. */
function applied(documents: StepDocument['apply']): string {
  const list = Array.isArray(documents) ? documents : [documents];
  const titles = list.map((item) => {
    if (typeof item !== 'object') return String(item);
    const { kind, metadata } = item as { readonly kind: string; readonly metadata?: { readonly name?: unknown } };
    return typeof metadata?.name === 'string' ? `${kind} ${metadata.name}` : kind;
  });
  return titles.join(', ');
}
