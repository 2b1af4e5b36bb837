import { MermaidSequence } from '../trace/mermaid.ts';
import type { Chapter, Scene } from './chapters.ts';
import type { Story } from './story.ts';
import { clock, GLUE, span } from './wording.ts';

const API = 'kube-apiserver';
/** Longer texts make boxes that nobody reads. */
const MOST = 90;

/** The story as a Mermaid sequence diagram: chapters as bands, calls as arrows, writes as arrows to the API server, waits as notes. */
export function storyMermaid(story: Story): string {
  const diagram = new MermaidSequence();
  for (const [index, chapter] of story.chapters.entries()) tellChapter(diagram, chapter, index);
  if (story.chapters.length === 0) diagram.note(story.subject.name, 'nothing of it is in the trace');
  return diagram.text();
}

/** Two shades of grey, so that it prints. */
const SHADES = ['rgb(240, 240, 240)', 'rgb(252, 252, 252)'];

function tellChapter(diagram: MermaidSequence, { title, at, end, scenes }: Chapter, index: number): void {
  diagram.band(SHADES[index % SHADES.length] ?? '', () => {
    const [first] = scenes;
    if (first) {
      const other = first.line.kind === 'call' ? first.line.to : API;
      diagram.note(first.line.from, `${index + 1}. ${title} (${clock(at)} to ${clock(end)})`, other);
    }
    for (const scene of scenes) tellScene(diagram, scene);
  });
}

function tellScene(diagram: MermaidSequence, { line, before, within, scenes }: Scene): void {
  const { kind, from, to, title, about, outcome, failed, at, end, count } = line;
  if (before) diagram.note(from, waitWords(before.length, before.what, before.constant));
  const times = count > 1 ? ` ×${count}` : '';
  if (kind === 'call') {
    const callee = to ?? from;
    diagram.call(from, callee, cut(`${clock(at)} ${title}${about === '' ? '' : ` ${about}`}${times}`));
    if (within) diagram.note(callee, waitWords(within.length, within.what, within.constant));
    for (const scene of scenes) tellScene(diagram, scene);
    if (Number.isFinite(end)) diagram.answer(callee, from, cut(`${outcome} (${span(end - at)})`), failed);
    else diagram.note(callee, 'no answer');
  } else if (kind === 'write') diagram.call(from, API, cut(`${clock(at)} ${title}, ${outcome}${times}`));
  else diagram.note(from, cut(`${clock(at)} ${kind === 'fault' ? 'fault, ' : ''}${title}, ${outcome}${times}`));
}

function waitWords(length: number, what: string, constant: string): string {
  if (what === '') return `${span(length)} go by`.replaceAll(GLUE, ' ');
  return `${span(length)}, ${what}${constant === '' ? '' : `, ${constant}`}`.replaceAll(GLUE, ' ');
}

function cut(text: string): string {
  const plain = text.replaceAll(GLUE, ' ');
  return plain.length <= MOST ? plain : `${plain.slice(0, MOST - 1)}…`;
}
