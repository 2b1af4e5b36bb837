// Stories: what happened to one pod, claim or Service, who called whom and why, from a kept trace.
export { type Guide, guidedNames, guideTo } from './guide.ts';
export { explain, knownPodsOf, knownSubjects, type Story } from './story.ts';
export type { Chapter, Scene } from './chapters.ts';
export type { Line } from './lines.ts';
export type { Subject, SubjectKind } from './subject.ts';
export { storyMermaid } from './mermaid.ts';
export { storyText } from './text.ts';
export type { Wait } from './waits.ts';
