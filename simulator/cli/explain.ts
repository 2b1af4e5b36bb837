import type { TraceRecord } from '@slipway/kernel';
import { findKind } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import { explain as tell, knownPodsOf, knownSubjects, storyMermaid, storyText, type Subject, type SubjectKind } from '../explain/index.ts';
import { perfettoText } from '../trace/index.ts';
import { EXIT } from './exit-codes.ts';
import { type FinishedRun, runInputs } from './run-inputs.ts';
import { tellLeaks } from './leaks/index.ts';
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
  tellLeaks(run.world);
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

/** Who was asked for; else the first pod of what was applied last and has pods. @throws UsageError for a name that the run does not know. */
function subjectOf(run: FinishedRun, options: ExplainOptions, kind: SubjectKind): Subject {
  const known = knownSubjects(run.world.recorder.kept, kind);
  const asked = options[kind];
  if (known.length === 0)
    throw new UsageError(
      `the run has no ${NOUNS[kind]}`,
      asked === undefined ? 'apply something that has pods' : `there is no ${NOUNS[kind]} to tell of`,
    );
  if (asked === undefined) return { kind, name: firstPod(run, known) };
  const { name, resource } = nameIn(asked, kind, run);
  const matches = resource === undefined || resource === RESOURCES[kind] ? known.filter((one) => one === name || bare(one) === name) : [];
  const [match] = matches.length === 0 && kind === 'pod' ? podsOf(run, name, resource) : matches;
  if (matches.length > 1) throw new UsageError(`there are several called ${name}`, `name one of ${listed(matches)}`);
  if (match !== undefined) return { kind, name: match };
  const near = suggestion(name, [...known, ...known.map(bare)]);
  throw new UsageError(
    kind === 'pod' && resource !== undefined && resource !== 'pods'
      ? `the run has no pod of ${asked}`
      : `the run has no ${NOUNS[kind]} ${name}`,
    `${near === undefined ? '' : `did you mean ${near}? `}${known.length === 1 ? 'it has' : 'it has these:'} ${listed(known)}`,
  );
}

const RESOURCES: Readonly<Record<SubjectKind, string>> = { pod: 'pods', claim: 'persistentvolumeclaims', service: 'services' };
const bare = (name: string): string => name.slice(name.indexOf('/') + 1);

/**
 * What one means by `web`, `shop/web`, `pod/web`, `deployment/shop/web`: a name, and the kind that stands before it, as scenarios and
 * kubectl write it. Where a namespace is called as a kind is, the kind is meant.
 *
 * @throws UsageError for a kind that has another story, or none
 */
function nameIn(asked: string, kind: SubjectKind, { world }: FinishedRun): { readonly name: string; readonly resource?: string } {
  const slash = asked.indexOf('/');
  const word = asked.slice(0, Math.max(slash, 0));
  const name = asked.slice(slash + 1);
  const found = findKind(word === 'claim' ? 'pvc' : word, world.server.kinds());
  if (!found) return { name: asked };
  const resource = found.plural;
  if (resource === RESOURCES[kind] || (kind === 'pod' && !Object.values(RESOURCES).includes(resource))) return { name, resource };
  const other = KINDS.find((one) => RESOURCES[one] === resource);
  throw new UsageError(`${asked} is no ${NOUNS[kind]}`, other === undefined ? `write --${kind} NAME` : `write --${other} ${name}`);
}

/** Pods of a Deployment have names that nobody knows beforehand: its own name means its pods, the oldest first. */
const podsOf = ({ world }: FinishedRun, owner: string, resource?: string): readonly string[] =>
  knownPodsOf(world.recorder.kept, owner, resource);

function firstPod(run: FinishedRun, pods: readonly string[]): string {
  for (const { object } of run.objects.toReversed()) {
    const { name = '', namespace = 'default' } = object.metadata;
    if (object.kind === 'Service' || object.kind === 'PersistentVolumeClaim') continue;
    const found = pods.find((pod) => pod === `${namespace}/${name}`) ?? podsOf(run, `${namespace}/${name}`)[0];
    if (found !== undefined) return found;
  }
  return pods[0] ?? '';
}

const listed = (names: readonly string[]): string =>
  names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
