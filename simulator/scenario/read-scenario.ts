import { decodeBy } from '@slipway/kube/schema';
import { formProblem } from './form-problem.ts';
import { InputError, type Place, type Problem } from '../manifests/input-error.ts';
import { type PlacePart, readYaml, type SourceText } from '../manifests/yaml-source.ts';
import { type ClusterDocument, type ExpectationDocument, type ScenarioDocument, scenarioSchema, type StepDocument } from './schema.ts';
import { type RawDocument, type Setting, withSettings } from './settings.ts';
import { stepTime } from './times.ts';

/** How a scenario reaches the files that it names. */
export interface ScenarioFiles {
  /**
   * What stands in a file, or in the manifests of a folder.
   *
   * @param path as the scenario names it. @param from the file that names it.
   * @throws Error whose message says why it cannot be read.
   */
  read(path: string, from: string): readonly SourceText[];
}

/** A part of a scenario and the file that it stands in, since paths are told from there. */
export interface Part<D> {
  readonly document: D;
  readonly file: string;
  placeOf(path: readonly (string | number)[], part?: PlacePart): Place;
}

/** A scenario whose form is right: included files are in it. What it names has not been looked at. */
export interface ScenarioDraft {
  readonly name: string;
  readonly teaches: string;
  readonly file: string;
  readonly spec: ScenarioDocument['spec'];
  placeOf(path: readonly (string | number)[], part?: PlacePart): Place;
  readonly cluster: ClusterDocument;
  /** Where a key of `cluster` stands, whichever file it comes from. */
  clusterPart(path: readonly (string | number)[]): { readonly place: Place; readonly file: string };
  readonly steps: readonly Part<StepDocument>[];
  readonly expectations: readonly Part<ExpectationDocument>[];
}

/**
 * Reads the scenarios of a text; a text may hold several documents.
 *
 * @param settings put into each.
 * @throws InputError with `file:line:column` and what to write instead, for each mistake.
 */
export function readScenarios(source: SourceText, files: ScenarioFiles, settings: readonly Setting[]): ScenarioDraft[] {
  const problems: Problem[] = [];
  const drafts = [...readYaml(source, problems)].flatMap((raw) => {
    const draft = draftOf({ raw: withSettings(raw, settings), source, files, problems, within: [source.file] });
    return draft ? [draft] : [];
  });
  if (drafts.length === 0 && problems.length === 0)
    problems.push({
      place: { file: source.file, line: 0, column: 0 },
      message: 'holds no scenario',
      fix: BEGIN,
    });
  if (problems.length > 0) throw new InputError(problems);
  return drafts;
}

const BEGIN = 'begin with "apiVersion: slipway.dev/v1alpha1" and "kind: Scenario"';

/** A map of something else: to list its keys as mistakes would say nothing. */
function isForeign(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('apiVersion' in value) && !('kind' in value);
}

/** Whether one of the text's documents is a scenario. */
export function isScenario({ text }: SourceText): boolean {
  return /^kind:\s*["']?Scenario["']?\s*(#.*)?$/m.test(text) || /[{,]\s*"?kind"?\s*:\s*["']?Scenario["']?\s*[,}]/.test(text);
}

interface Reading {
  readonly raw: RawDocument;
  readonly source: SourceText;
  readonly files: ScenarioFiles;
  readonly problems: Problem[];
  /** Files that are being read, outermost first. */
  readonly within: readonly string[];
}

function draftOf(reading: Reading): ScenarioDraft | undefined {
  const { raw, source, problems } = reading;
  const { value, placeOf } = raw;
  const { kind } = (value ?? {}) as { kind?: unknown };
  if (typeof kind === 'string' && kind !== 'Scenario') {
    problems.push({
      place: placeOf(['kind']),
      message: `is a ${kind}, not a Scenario`,
      fix:
        kind.toLowerCase() === 'scenario'
          ? 'write "kind: Scenario"'
          : 'manifests are applied: slipway apply FILE, or by a step "apply: FILE" of a scenario',
    });
    return undefined;
  }
  if (isForeign(value)) {
    problems.push({
      place: placeOf([]),
      message: 'is no scenario: it has neither apiVersion nor kind',
      fix: BEGIN,
    });
    return undefined;
  }
  const decoded = decodeBy(scenarioSchema, value);
  if ('issues' in decoded) {
    for (const issue of decoded.issues) problems.push(formProblem(issue, value, placeOf));
    return undefined;
  }
  const { metadata, spec } = decoded.value;
  const included = (spec.include ?? []).flatMap((path, index) => includedBy(path, placeOf(['spec', 'include', index]), reading));
  const own = <D>(key: 'steps' | 'expect', documents: readonly D[] = []): Part<D>[] =>
    documents.map((document, index) => ({
      document,
      file: source.file,
      placeOf: (path, part) => placeOf(['spec', key, index, ...path], part),
    }));
  const clusterPart: ScenarioDraft['clusterPart'] = (path) => {
    const [top = '', inner = ''] = path.map(String);
    const mine = (spec.cluster as Record<string, Record<string, unknown>> | undefined)?.[top];
    const elsewhere = included.findLast((draft) => (draft.cluster as Record<string, Record<string, unknown>>)[top]?.[inner] !== undefined);
    return mine?.[inner] === undefined && elsewhere
      ? elsewhere.clusterPart(path)
      : { place: placeOf(['spec', 'cluster', ...path]), file: source.file };
  };
  return {
    name: metadata.name,
    teaches: firstComment(source.text),
    file: source.file,
    spec,
    placeOf,
    cluster: [...included.map(({ cluster }) => cluster), spec.cluster ?? {}].reduce<ClusterDocument>(merged, {}),
    clusterPart,
    steps: byTime([...included.map(({ steps }) => steps), own('steps', spec.steps)]),
    expectations: [...included.flatMap(({ expectations }) => expectations), ...own('expect', spec.expect)],
  };
}

/** The drafts of an included file; nothing, and a problem, where it cannot be read or includes itself. */
function includedBy(path: string, place: Place, { source, files, problems, within }: Reading): ScenarioDraft[] {
  let texts: readonly SourceText[];
  try {
    texts = files.read(path, source.file);
  } catch (error) {
    problems.push({ place, message: `include: ${(error as Error).message}` });
    return [];
  }
  return texts.flatMap((text) => {
    if (within.includes(text.file)) {
      const circle = [...within.slice(within.indexOf(text.file)), text.file].join(' → ');
      problems.push({ place, message: `include: goes in a circle: ${circle}`, fix: 'take one of these includes out' });
      return [];
    }
    return [...readYaml(text, problems)].flatMap((raw) => {
      const draft = draftOf({ raw, source: text, files, problems, within: [...within, text.file] });
      return draft ? [draft] : [];
    });
  });
}

/**
 * Steps of several files in one order: by time, and at one time those of the first file first. A step without a time goes with the one
 * before it, be it of the file before; one that stands too late in its own file stays there, for the loader to say so.
 */
function byTime(files: readonly (readonly Part<StepDocument>[])[]): readonly Part<StepDocument>[] {
  let end = 0;
  const timed = files.flatMap((parts) => {
    const before = end;
    let time: number | undefined;
    return parts.map((part) => {
      const at = stepTime(part.document.at);
      time = at === undefined ? (time ?? before) : Math.max(time ?? 0, at);
      end = Math.max(end, time);
      return { part, time };
    });
  });
  return timed.toSorted((a, b) => a.time - b.time).map(({ part }) => part);
}

/** Keys of the second win; plugins and parts of the control plane one by one. */
function merged(first: ClusterDocument, second: ClusterDocument): ClusterDocument {
  const plugins = { ...first.plugins, ...second.plugins };
  const controllers = { ...first.controlPlane?.controllers, ...second.controlPlane?.controllers };
  const controlPlane = { ...first.controlPlane, ...second.controlPlane, ...(Object.keys(controllers).length > 0 ? { controllers } : {}) };
  return { ...first, ...second, plugins, controlPlane };
}

/** The comment that a text begins with, without the lines that speak to editors. */
function firstComment(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.replace(/^#+\s?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('yaml-language-server:'))
    .join(' ');
}
