import type { Chapter, Scene } from './chapters.ts';
import type { Story } from './story.ts';
import type { Wait } from './waits.ts';
import { clock, COLUMNS, GLUE, span, wrap } from './wording.ts';

const NOUNS = { pod: 'pod', claim: 'claim', service: 'Service' } as const;
/** Where text begins, right of the time. */
const MARGIN = 12;

/** The story as text of at most 100 columns that needs no colours. Without a line feed at its end. */
export function storyText(story: Story): string {
  const { subject, chapters, cast, left } = story;
  const lines = [`The story of ${NOUNS[subject.kind]} ${subject.name}, in virtual time`, ''];
  if (chapters.length === 0) return [...lines, 'Nothing of it is in the trace.'].join('\n');
  lines.push('Who is who:');
  for (const { name, what } of cast) lines.push(...block(`  ${name.padEnd(28)} `, what, ''));
  lines.push(
    '',
    ...block(
      '',
      'Chapters stand in order of their subject and overlap in time. Each call says who called whom, what came of it and how long it took; below it why, and the section of the spec. What stands further right happened within the call above it.',
      '',
    ),
  );
  chapters.forEach((chapter, index) => lines.push('', ...chapterText(chapter, index + 1)));
  if (left > 0) lines.push('', `Left out: ${left} look${left === 1 ? '' : 's'} and reports that showed nothing new.`);
  // At the end, since that is what a terminal shows of a long text.
  lines.push('', ...inShort(chapters));
  return lines.map((line) => line.replaceAll(GLUE, ' ').trimEnd()).join('\n');
}

/** A line for each chapter: when it was first done, what it waited for longest, and what went wrong first. */
function inShort(chapters: readonly Chapter[]): string[] {
  const lines = ['In short:'];
  const widest = Math.max(...chapters.map(({ title }) => title.length));
  chapters.forEach((chapter, index) => {
    const parts = chapter.topic === 'later' ? whatBefell(chapter) : whatItTook(chapter);
    if (chapter.close !== undefined) parts.push(chapter.close);
    lines.push(...block(`  ${index + 1}. ${chapter.title.padEnd(widest)}  `, parts.join('; '), ''));
  });
  return lines;
}

function whatItTook({ topic, close, end, since, milestones, scenes }: Chapter): string[] {
  const when = (at: number): string => (topic === 'reach' ? ` (at ${clock(at)})` : '');
  const parts = milestones.map(({ what, at }) => (Number.isFinite(at) ? `${what} after ${span(at - since)}${when(at)}` : `never ${what}`));
  const [first] = milestones;
  const until = first && Number.isFinite(first.at) ? first.at : end;
  if (!first && close === undefined) parts.push(`took ${span(end - since)}`);
  const longest = longestWait(scenes, since, until);
  const wrong = everything(scenes).find(({ line }) => line.failed)?.line;
  if (longest) parts.push(`of which ${span(longest.length)} because ${longest.what}`);
  if (wrong) parts.push(`✗ at ${clock(wrong.at)} ${wrong.title}: ${firstWords(wrong.outcome)}`);
  return parts;
}

function longestWait(scenes: readonly Scene[], from: number, to: number): Wait | undefined {
  const waits = everything(scenes).flatMap(({ before, within }) =>
    [before, within].filter((wait) => wait && wait.constant !== '' && wait.at >= from && wait.at + wait.length <= to),
  );
  return waits.reduce((most, wait) => ((wait?.length ?? 0) > (most?.length ?? 0) ? wait : most), undefined);
}

/** Turns of fortune that a summary has room for. */
const MOST_TURNS = 5;
const TURNS = ['step/', 'node-', 'unready', 'ready', 'endpoint-', 'event:TaintManagerEviction', 'container:', 'finished'];

/** What came later has no aim that it could reach: its turns, with their times. */
function whatBefell({ at, end, scenes }: Chapter): string[] {
  const all = scenes.map(({ line }) => line);
  const turns = all.filter(({ marks }) => marks.some((mark) => TURNS.some((turn) => mark.startsWith(turn))));
  const told = (turns.length > 0 ? turns : all).slice(0, MOST_TURNS);
  const more = turns.length - told.length;
  const longest = longestWait(scenes, at, end);
  return [
    ...told.map(({ at: when, failed, title, outcome }) => {
      // What an endpoint is named says more than what its list is.
      const who = outcome.startsWith('endpoint ') ? '' : `${title}: `;
      return `${bad(failed)}at ${clock(when)} ${who}${firstWords(outcome)}`;
    }),
    ...(more > 0 ? [`${more} more until ${clock(end)}`] : end - at > 0 && turns.length === 0 ? [`until ${clock(end)}`] : []),
    ...(longest ? [`longest wait ${span(longest.length)} because ${longest.what}`] : []),
  ];
}

const everything = (scenes: readonly Scene[]): readonly Scene[] => scenes.flatMap((scene) => [scene, ...everything(scene.scenes)]);

const firstWords = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 79).trimEnd()}…`);

function chapterText({ title, about, at, end, scenes, close }: Chapter, number: number): string[] {
  const head = `${number}. ${title}`;
  const times = `${clock(at)} to ${clock(end)}`;
  return [
    `${head} ${'─'.repeat(Math.max(3, COLUMNS - head.length - times.length - 2))} ${times}`,
    ...block('   ', about, ''),
    '',
    ...scenes.flatMap((scene) => sceneText(scene, 0)),
    ...(close === undefined ? [] : block(' '.repeat(MARGIN), close, '')),
  ];
}

function sceneText({ line, before, within, scenes }: Scene, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const who = line.to === undefined ? line.from : `${line.from} → ${line.to}`;
  const times = line.count > 1 ? ` ×${line.count}` : '';
  const took =
    line.kind === 'call' && Number.isFinite(line.end) ? ` (${line.count > 1 ? `over${GLUE}` : ''}${span(line.end - line.at)})` : '';
  const about = line.about === '' ? '' : ` ${line.about}`;
  const body =
    line.kind === 'call'
      ? `${who}${GLUE} ${line.title}${about}${times}: ${bad(line.failed)}${line.outcome}${took}`
      : `${verb(line.kind, who)} ${line.title}: ${bad(line.failed)}${line.outcome}${times}`;
  const lines = [
    ...(before ? waitText(before, indent) : []),
    ...block(`${clock(line.at).padStart(MARGIN - 2)}  ${indent}`, body, '    '),
    ...reasonText(line.why, line.spec, indent),
  ];
  if (line.consequence !== '') lines.push(...block(`${' '.repeat(MARGIN)}${indent}  `, `so: ${line.consequence}`, '  '));
  if (within) lines.push(...waitText(within, `${indent}  `));
  return [...lines, ...scenes.flatMap((scene) => sceneText(scene, depth + 1))];
}

const bad = (failed: boolean): string => (failed ? '✗ ' : '');

function verb(kind: string, who: string): string {
  if (kind === 'decision') return who === 'the scenario' ? who : `${who} decides on`;
  return kind === 'fault' ? `fault at ${who}:` : `${who} writes`;
}

/** Why, with the spec section at the right edge: on the same line where there is room. */
function reasonText(why: string, spec: string, indent: string): string[] {
  const lead = `${' '.repeat(MARGIN)}${indent}  `;
  const label = spec === '' ? '' : `[${spec}]`;
  if (why === '') return label === '' ? [] : [label.padStart(COLUMNS)];
  const lines = block(lead, why, '');
  if (label === '') return lines;
  const last = lines.at(-1) ?? '';
  if (last.length + 2 + label.length <= COLUMNS) lines[lines.length - 1] = last + label.padStart(COLUMNS - last.length);
  else lines.push(label.padStart(COLUMNS));
  return lines;
}

function waitText({ length, what, constant }: Wait, indent: string): string[] {
  const words = what === '' ? 'nothing happens here' : `${what}${constant === '' ? '' : `: ${constant}`}`;
  return block(`${`+ ${span(length)}`.padStart(MARGIN - 2)}  ${indent}… `, words, '  ');
}

/** Text after a lead, wrapped at the last column; further lines hang under the first, by `hang` further right. */
function block(lead: string, text: string, hang: string): string[] {
  const rest = ' '.repeat(lead.length) + hang;
  const [first = '', ...more] = wrap(text, COLUMNS - rest.length);
  return [lead + first, ...more.map((line) => rest + line)];
}
