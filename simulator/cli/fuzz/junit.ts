import { writeFileSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';
import { escaped } from '../output/junit.ts';
import type { FuzzReport } from './report.ts';

/** A search as JUnit XML: a case for each invariant that had something to say, or broke. @throws UsageError */
export function writeFuzzJunit(file: string, report: FuzzReport): void {
  try {
    writeFileSync(file, fuzzJunit(report));
  } catch (error) {
    throw new UsageError(`--junit ${file} cannot be written: ${(error as Error).message}`, 'name a file in a folder that exists');
  }
}

export function fuzzJunit({ runs, seedsPerSecond, failures, preconditions }: FuzzReport): string {
  const broken = new Map(failures.map((failure) => [failure.invariant, failure]));
  const names = [...new Set([...Object.keys(preconditions), ...broken.keys()])].toSorted();
  const cases = names.map((name) => {
    const failure = broken.get(name);
    const text =
      failure && `at ${failure.at} s: ${failure.message}; seed ${failure.seed}${failure.path === '' ? '' : `, path ${failure.path}`}`;
    const inside = text === undefined ? ((preconditions[name] ?? 0) === 0 ? '<skipped/>' : '') : `<failure message="${escaped(text)}"/>`;
    return `    <testcase classname="fuzz" name="${escaped(name)}">${inside}</testcase>`;
  });
  const skipped = names.filter((name) => !broken.has(name) && (preconditions[name] ?? 0) === 0).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="slipway fuzz" tests="${names.length}" failures="${broken.size}">`,
    `  <testsuite name="fuzz" tests="${names.length}" failures="${broken.size}" skipped="${skipped}">`,
    '    <properties>',
    `      <property name="runs" value="${runs}"/>`,
    `      <property name="seedsPerSecond" value="${seedsPerSecond}"/>`,
    '    </properties>',
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
