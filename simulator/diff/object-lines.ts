import { COLUMNS, shorten } from '../explain/wording.ts';
import { cut, valueWords } from './event-words.ts';
import { roleName } from './generated-ids.ts';
import type { ObjectDifference } from './object-differences.ts';

const MOST_FIELDS = 8;
const MOST_BLOCKS = 14;

interface Block {
  readonly objects: string[];
  readonly lines: readonly string[];
}

/** Differences by object; objects that differ in the same way stand together. */
export function objectLines(differences: readonly ObjectDifference[]): readonly string[] {
  const lines = [...listed('only left: ', differences, 'removed'), ...listed('only right: ', differences, 'added')];
  const blocks = new Map<string, Block>();
  for (const [object, fields] of byObject(differences.filter(({ change }) => change === 'changed'))) {
    const key = [object.slice(0, object.indexOf(' ')), ...fields.map(signature)].join('\n');
    const block = blocks.get(key);
    if (block) block.objects.push(object);
    else blocks.set(key, { objects: [object], lines: fieldLines(fields, COLUMNS - 6) });
  }
  for (const { objects, lines: fields } of [...blocks.values()].slice(0, MOST_BLOCKS)) {
    lines.push(shorten(titles(objects)), ...fields.map((line) => `  ${line}`));
  }
  if (blocks.size > MOST_BLOCKS) lines.push(`… and ${blocks.size - MOST_BLOCKS} objects more (--json has all)`);
  return lines;
}

/** `status.podIP: 10.244.1.2 → 10.88.0.2`, in lines of at most `width`. */
export function fieldLines(differences: readonly ObjectDifference[], width: number): readonly string[] {
  const lines = differences.slice(0, MOST_FIELDS).flatMap((difference) => fieldText(difference, width));
  const more = differences.length - MOST_FIELDS;
  return more > 0 ? [...lines, `… and ${more} fields more (--json has all)`] : lines;
}

/** One line, or the field on a line of its own when its values need the room. */
function fieldText({ field = '', left, right }: ObjectDifference, width: number): readonly string[] {
  const [a, b] = [valueWords(left), valueWords(right)];
  const line = `${field}: ${a} → ${b}`;
  if (line.length <= width) return [line];
  const room = width - 5;
  // The longer value gives way first.
  const forLeft = Math.max(Math.floor(room / 2), room - b.length);
  const first = cut(a, forLeft);
  return [cut(`${field}:`, width), `  ${first} → ${cut(b, room - first.length)}`];
}

function byObject(differences: readonly ObjectDifference[]): Map<string, ObjectDifference[]> {
  const groups = new Map<string, ObjectDifference[]>();
  for (const difference of differences) {
    const group = groups.get(difference.object);
    if (group) group.push(difference);
    else groups.set(difference.object, [difference]);
  }
  return groups;
}

const signature = ({ field, left, right }: ObjectDifference): string =>
  `${field}=${roleName(valueWords(left))}→${roleName(valueWords(right))}`;

/** `Node node-1, node-2 and node-3`, of which the first is shown. */
function titles(objects: readonly string[]): string {
  const [first = '', ...others] = objects;
  if (others.length === 0) return first;
  const names = others.map((title) => title.slice(title.indexOf(' ') + 1));
  return `${first}, and likewise ${names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')}`;
}

function listed(start: string, differences: readonly ObjectDifference[], change: ObjectDifference['change']): string[] {
  const names = differences.filter((one) => one.change === change).map(({ object }) => object);
  const lines = names.slice(0, MOST_BLOCKS).map((name) => `${start}${shorten(name)}`);
  return names.length > MOST_BLOCKS
    ? [...lines, `… and ${names.length - MOST_BLOCKS} more ${start.trim().replace(':', '')} (--json has all)`]
    : lines;
}
