import { formatDuration } from '@slipway/kernel';
import { hanging } from './hanging.ts';
import type { RunReport } from './run-report.ts';

function brokenText(violations: RunReport['violations']): string {
  const broken = new Set(violations.map(({ id }) => id)).size;
  return broken === 0 ? 'no invariant broken' : `${broken} ${broken === 1 ? 'invariant' : 'invariants'} broken`;
}

/** What became of a scenario, for people: no line is wider than a terminal surely is. */
export function runText(report: RunReport, word: string): string {
  const { expectations, failures, violations, unreached } = report;
  const held = expectations.filter((one) => one.held === true).length;
  const open = expectations.filter((one) => one.held === null).length;
  const counts = [
    // Cases of `fuzz` expect nothing: they are about invariants.
    expectations.length > 0 ? `${held} of ${expectations.length} expectations held` : brokenText(violations),
    ...(open > 0 ? [`${open} not reached`] : []),
    ...(unreached > 0 ? [`${unreached} ${unreached === 1 ? 'step' : 'steps'} not reached`] : []),
  ];
  const time = formatDuration(Math.round(report.virtualSeconds * 1_000_000));
  return [
    `${word}  ${report.scenario}: ${counts.join(', ')}`,
    `      ${time} in ${report.wallMs} ms, ${report.events} events; fingerprint ${report.fingerprint}`,
    ...failures.flatMap(({ text, at, message, place }) => [
      ...hanging(`${place}: step at ${seconds(at)}: ${text}`, 6, 10),
      ...hanging(message, 8, 10),
    ]),
    ...expectations
      .filter((one) => one.held === false)
      .flatMap(({ text, at, message, because, place }) => [
        ...hanging(`${place}: ${text}`, 6, 10),
        ...hanging(`does not hold at ${seconds(at ?? 0)}: ${message}`, 8, 10),
        ...hanging(because, 8, 8),
      ]),
    ...violations.flatMap(({ id, at, message }) => hanging(`invariant ${id} broken at ${seconds(at)}: ${message}`, 6, 8)),
    '',
  ].join('\n');
}

/** What plugins did against their spec: the same mistake of the same plugin once, at its first time, and how often it was made. */
export function countedBreaches({ breaches }: RunReport): ReadonlyMap<string, number> {
  const first = new Map<string, { readonly text: string; count: number }>();
  for (const { plugin, call, rule, message, at } of breaches) {
    const key = JSON.stringify([plugin, call, rule, message]);
    const known = first.get(key);
    if (known) known.count += 1;
    else first.set(key, { text: `plugin ${plugin} broke its spec in ${call} at ${seconds(at)} (${rule}): ${message}`, count: 1 });
  }
  return new Map([...first.values()].map(({ text, count }) => [text, count]));
}

const seconds = (micros: number): string => `${micros / 1_000_000} s`;
