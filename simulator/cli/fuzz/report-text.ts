import pc from 'picocolors';
import { formatDuration } from '@slipway/kernel';
import { hanging } from '../output/hanging.ts';
import type { FailureReport, FuzzReport } from './report.ts';

/** What a search came to, for people. */
export function fuzzText(report: FuzzReport, command: (failure: FailureReport) => string): string {
  const { runs, seedsPerSecond, failures, virtualSeconds } = report;
  const word = failures.length === 0 ? pc.green('PASS') : pc.red('FAIL');
  const what = failures.length === 0 ? 'nothing broke' : `${failures.length} ${failures.length === 1 ? 'invariant' : 'invariants'} broken`;
  return [
    `${word}  ${runs} ${runs === 1 ? 'case' : 'cases'}: ${what}`,
    `      ${seedsPerSecond} a second; ${formatDuration(virtualSeconds * 1_000_000)} of virtual time`,
    ...failures.flatMap((failure) => failureLines(failure, command(failure))),
    ...countLines('faults that fired', report.faults),
    ...vacuousLines('invariants whose precondition was never met', report.preconditions),
    ...vacuousLines('situations never reached', report.sometimes),
    ...coverageLines(report),
    '',
  ].join('\n');
}

function failureLines(failure: FailureReport, command: string): readonly string[] {
  const { invariant, at, message, runs, asWritten, nodes, steps, story, file, failed, cleanRuns } = failure;
  return [
    '',
    ...hanging(`${invariant} at ${at} s: ${message}`, 2, 4),
    ...hanging(
      `${asWritten ? 'in the story as it is written' : `case ${runs}, the first of ${failed} that broke it`}; made small: ${count(nodes, 'node')}, ${count(steps, 'step')}`,
      4,
      6,
    ),
    ...shortened(story).flatMap((line) => hanging(line.replaceAll('  ', ' '), 6, 10)),
    ...(file === '' ? [] : [`    slipway run ${file}${invariant === 'SIM-01' ? ' --twice' : ''}`]),
    `    ${command}`,
    ...(asWritten ? [] : hanging(`after a fix, ${cleanRuns} cases without it show that it is gone (99.9 %)`, 4, 6)),
  ];
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

function countLines(title: string, counts: Readonly<Record<string, number>>): readonly string[] {
  const told = Object.entries(counts).filter(([, value]) => value > 0);
  if (told.length === 0) return [];
  return ['', ...hanging(`${title}: ${told.map(([name, value]) => `${name} ${value}`).join(', ')}`, 2, 4)];
}

function vacuousLines(title: string, counts: Readonly<Record<string, number>>): readonly string[] {
  const never = Object.entries(counts).filter(([, value]) => value === 0);
  if (never.length === 0) return [];
  return [
    '',
    ...hanging(
      `${title} (${never.length} of ${Object.keys(counts).length}; docs/invariants.md says what they are): ${never.map(([name]) => name).join(', ')}`,
      2,
      4,
    ),
  ];
}

/** How many outcomes of how many methods have been seen, by interface. */
function coverageLines({ coverage }: FuzzReport): readonly string[] {
  const interfaces = new Map<string, { methods: number; outcomes: number }>();
  for (const [method, codes] of Object.entries(coverage)) {
    const name = method.slice(0, method.indexOf('.'));
    const sum = interfaces.get(name) ?? { methods: 0, outcomes: 0 };
    sum.methods += 1;
    sum.outcomes += Object.keys(codes).length;
    interfaces.set(name, sum);
  }
  if (interfaces.size === 0) return [];
  const told = [...interfaces].map(([name, { methods, outcomes }]) => `${name} ${methods} methods, ${outcomes} outcomes`);
  return ['', ...hanging(`covered: ${told.join('; ')}`, 2, 4)];
}

/** Lines of a story that a terminal shows; the file has them all. */
const SHOWN = 24;

/** How it began and how it ended. */
function shortened(story: readonly string[]): readonly string[] {
  if (story.length <= SHOWN) return story;
  return [...story.slice(0, SHOWN / 2), `… ${story.length - SHOWN} more in the file`, ...story.slice(-SHOWN / 2)];
}
