import type { ASTNode, Context, Environment } from '@marcbachmann/cel-js';
import { seconds } from '@slipway/kernel';
import type { Kind } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import type { Compilation } from '../compilation.ts';
import type { Judge, JudgeContext, Verdict } from '../judge.ts';
import { objectsOf } from '../objects.ts';
import { failed, held } from '../verdict.ts';
import { eachElement } from './each-element.ts';
import { bareEnvironment, celEnvironment } from './environment.ts';
import { evident } from './evident.ts';
import { errorText, Explainer } from './explain.ts';
import { fieldMistakes } from './fields.ts';
import { kindsByName } from './names.ts';
import { type CelSource, celSource, identifierOf } from './source.ts';
import { freeNames } from './syntax.ts';
import { located, syntaxFix, typeFix, typeText } from './wording.ts';

/** All that an expression can ask about. */
export interface CelContext {
  readonly cluster: Pick<JudgeContext['cluster'], 'kernel' | 'server'>;
  readonly variables: JudgeContext['variables'];
}

/** Judges an expression. */
export interface CelJudge extends Omit<Judge & { readonly sort: 'state' }, 'judge'> {
  judge(context: CelContext): Verdict;
}

/** @param key where the expression stands: `cel`, or `always` */
export function compileCel(key: 'cel' | 'always', original: string, compilation: Compilation): CelJudge | undefined {
  const source = celSource(original);
  checkSource(key, source, compilation);
  const root = parsed(key, source, compilation);
  if (!root) return undefined;
  const used = namesIn(key, source, root, compilation);
  if (!compilation.sound) return undefined;
  const environment = (values: Iterable<string>): Environment =>
    celEnvironment({ lists: used.keys(), values: new Set([...source.variables.map(identifierOf), ...values]) });
  const program = environment([]).parse(source.text);
  const { valid, type, error } = program.check();
  if (!valid) {
    compilation.problem([key], `${key}: ${error ? located(error, source) : 'does not fit together'}`, typeFix(error?.code));
    return undefined;
  }
  if (type !== 'bool') {
    compilation.problem(
      [key],
      `${key}: the expression gives ${typeText(type)}, not true or false`,
      'compare it with something: … == "Running"',
    );
    return undefined;
  }
  checkSense(key, source, root, used, compilation);
  for (const mistake of fieldMistakes(root, used)) compilation.problem([key], `${key}: ${mistake.message}`, mistake.fix);
  if (!compilation.sound) return undefined;

  const explainer = new Explainer(original, environment);
  const each = eachElement(root, environment);
  const eachKind = each && used.get(each.list);
  return {
    sort: 'state',
    kinds: new Set([...used.values()].map(({ plural }) => plural)),
    judge(given) {
      if (eachKind && objectsOf(given.cluster.server, eachKind).every(each.holds)) return held;
      const context = contextOf(given, used, source);
      try {
        if (program(context) === true) return held;
      } catch (error) {
        return failed(() => (error instanceof Error ? explainer.explain(root, context) : errorText(new Error(String(error)))));
      }
      return failed(() => explainer.explain(root, context));
    },
  };
}

/** Only the kinds that the expression names, each as a list of the stored objects themselves. */
function contextOf({ cluster: { server, kernel }, variables }: CelContext, used: ReadonlyMap<string, Kind>, source: CelSource): Context {
  const context: Context = { now: kernel.now / seconds(1) };
  for (const [name, kind] of used) context[name] = objectsOf(server, kind);
  for (const name of source.variables) context[identifierOf(name)] = variables.get(name);
  return context;
}

function checkSource(key: string, { variables, mixed }: CelSource, compilation: Compilation): void {
  for (const name of variables) compilation.checkVariable([key], name);
  for (const { literal, variable } of mixed)
    compilation.problem([key], `${key}: $${variable} stands inside the text ${literal}`, `put them together: "…" + $${variable}`);
}

function parsed(key: string, source: CelSource, compilation: Compilation): ASTNode | undefined {
  try {
    return bareEnvironment().parse(source.text).ast;
  } catch (error) {
    compilation.problem([key], `${key}: ${located(error as Error, source)}`, syntaxFix(source.text));
    return undefined;
  }
}

/** The kinds by the names that the expression gives them; a problem for each name that is none. */
function namesIn(key: string, source: CelSource, root: ASTNode, compilation: Compilation): ReadonlyMap<string, Kind> {
  const known = kindsByName(compilation.kinds);
  const own = new Set(source.variables.map(identifierOf));
  const standard = celEnvironment({ lists: [], values: [] });
  const used = new Map<string, Kind>();
  const told = new Set<string>();
  for (const { name } of freeNames(root)) {
    const kind = known.get(name);
    if (kind) used.set(name, kind);
    else if (!own.has(name) && !standard.hasVariable(name) && !told.has(name)) {
      told.add(name);
      compilation.problem([key], `${key}: nothing is called "${name}"`, nameFix(name, known, compilation));
    }
  }
  return used;
}

function nameFix(name: string, known: ReadonlyMap<string, Kind>, { variables }: Compilation): string {
  if (variables.has(name)) return `write $${name} for what a step kept`;
  const ofKind = [...known].find(([, { kind, singular, shortNames }]) =>
    [kind.toLowerCase(), singular, ...shortNames].includes(name.toLowerCase()),
  )?.[0];
  const near = ofKind ?? suggestion(name, [...known.keys(), 'now']);
  if (near !== undefined) return `did you mean "${near}"?`;
  return 'lists are called by the plurals of kinds: pods, volumeAttachments; a custom kind needs its definition in a manifest';
}

/** An expectation that cannot fail tells nothing, and one that cannot hold tells too much. */
function checkSense(key: string, source: CelSource, root: ASTNode, used: ReadonlyMap<string, Kind>, compilation: Compilation): void {
  const answer = evident(root);
  if (answer) {
    const { start, end } = answer.because;
    const part = source.original.slice(start, end).replace(/\s+/g, ' ');
    const which = part === source.original.trim() ? 'it' : `"${part}"`;
    // Below a "!" the part says the opposite of the whole.
    const said = evident(answer.because)?.value ?? answer.value;
    compilation.problem(
      [key],
      `${key}: this could never ${answer.value ? 'fail' : 'hold'}: ${which} is always ${String(said)}`,
      answer.value ? 'say what could go wrong' : 'say what should come true',
    );
  } else if (used.size === 0)
    compilation.problem(
      [key],
      `${key}: the expression names no kind, so that nothing in the cluster could change it`,
      'ask about objects: pods.all(p, …), nodes.exists(n, …)',
    );
}
