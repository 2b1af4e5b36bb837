import type { TraceRecord } from '@slipway/kernel';
import { suggestion } from '@slipway/kube/schema';
import { explain as tell, knownSubjects, storyMermaid, storyText, type Subject, type SubjectKind } from '../explain/index.ts';
import { perfettoText } from '../trace/index.ts';
import { EXIT } from './exit-codes.ts';
import { type FinishedRun, runInputs } from './run-inputs.ts';
import { UsageError } from './usage-error.ts';

/** As commander hands them over. */
export interface ExplainOptions {
  readonly pod?: string;
  readonly claim?: string;
  readonly service?: string;
  readonly output?: string;
  readonly nodes?: string;
  readonly set: readonly string[];
  readonly seed?: string;
  readonly until?: string;
}

const OUTPUTS = ['text', 'mermaid', 'perfetto'] as const;
const KINDS: readonly SubjectKind[] = ['pod', 'claim', 'service'];
const NOUNS: Readonly<Record<SubjectKind, string>> = { pod: 'pod', claim: 'claim', service: 'Service' };
const MOST_NAMES = 12;

/** `slipway explain`: one pod's, claim's or Service's story. Returns the exit code: whether the story was told, not whether it ended well. */
export async function explain(paths: readonly string[], options: ExplainOptions): Promise<number> {
  const { output = 'text' } = options;
  if (!(OUTPUTS as readonly string[]).includes(output))
    throw new UsageError(`there is no output "${output}"`, `-o takes ${OUTPUTS.join(', ')}`);
  const asked = KINDS.filter((kind) => options[kind] !== undefined);
  if (asked.length > 1)
    throw new UsageError(`--${asked[0]} and --${asked[1]} exclude each other`, 'a story has one subject: give one of them');
  const run = await runInputs(paths, options);
  const records = run.world.recorder.kept;
  for (const { object, field, message } of run.warnings)
    process.stderr.write(`warning: ${object}: ${field === '' ? '' : `${field}: `}${message}\n`);
  const subject = subjectOf(run, options, asked[0] ?? 'pod');
  process.stdout.write(shown(records, subject, output));
  return EXIT.held;
}

function shown(records: readonly TraceRecord[], subject: Subject, output: string): string {
  // A viewer shows one actor beside the other: a story alone would hide what went on meanwhile.
  if (output === 'perfetto') return perfettoText(records);
  const story = tell(records, subject);
  return output === 'mermaid' ? storyMermaid(story) : `${storyText(story)}\n`;
}

/** Who was asked for; else the first pod by name of what was applied last and has pods. @throws UsageError for a name that the run does not know. */
function subjectOf(run: FinishedRun, options: ExplainOptions, kind: SubjectKind): Subject {
  const known = knownSubjects(run.world.recorder.kept, kind);
  const asked = options[kind];
  if (known.length === 0)
    throw new UsageError(
      `the run has no ${NOUNS[kind]}`,
      asked === undefined ? 'apply something that has pods' : `there is no ${NOUNS[kind]} to tell of`,
    );
  if (asked === undefined) return { kind, name: firstPod(run, known) };
  const matches = known.filter((name) => name === asked || name.slice(name.indexOf('/') + 1) === asked);
  const [match] = matches.length === 0 ? known.filter((name) => isOf(name, asked)) : matches;
  if (matches.length > 1) throw new UsageError(`there are several called ${asked}`, `name one of ${listed(matches)}`);
  if (match !== undefined) return { kind, name: match };
  const near = suggestion(asked, [...known, ...known.map((name) => name.slice(name.indexOf('/') + 1))]);
  throw new UsageError(
    `the run has no ${NOUNS[kind]} ${asked}`,
    `${near === undefined ? '' : `did you mean ${near}? `}${known.length === 1 ? 'it has' : 'it has these:'} ${listed(known)}`,
  );
}

/** Pods of a Deployment have names that nobody knows beforehand: its own name means the first of them. */
const isOf = (name: string, asked: string): boolean =>
  name.startsWith(`${asked}-`) || name.slice(name.indexOf('/') + 1).startsWith(`${asked}-`);

function firstPod({ objects }: FinishedRun, pods: readonly string[]): string {
  for (const { object } of objects.toReversed()) {
    const { name = '', namespace = 'default' } = object.metadata;
    const found = pods.find((pod) => pod === `${namespace}/${name}`) ?? pods.find((pod) => isOf(pod, `${namespace}/${name}`));
    if (found !== undefined && object.kind !== 'Service' && object.kind !== 'PersistentVolumeClaim') return found;
  }
  return pods[0] ?? '';
}

const listed = (names: readonly string[]): string =>
  names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
