import type { RunReport } from './run-report.ts';

/** Reports as JUnit XML, as build servers read it: a suite for each scenario, a case for each expectation, step that failed and invariant. */
export function junit(reports: readonly RunReport[]): string {
  const suites = reports.map(suite);
  const total = (count: (one: Suite) => number): number => suites.reduce((sum, one) => sum + count(one), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="slipway" tests="${total(({ cases }) => cases.length)}" failures="${total(({ failed }) => failed)}">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Suite {
  readonly cases: readonly string[];
  readonly failed: number;
  readonly xml: string;
}

function suite(report: RunReport): Suite {
  const { scenario, expectations, failures, violations, wallMs, virtualSeconds, fingerprint, seed } = report;
  const outcomes = [
    ...expectations.map(({ text, held, message }) => ({
      name: text,
      failure: held === false ? message : undefined,
      isSkipped: held === null,
    })),
    ...failures.map(({ text, message }) => ({ name: `step ${text}`, failure: message, isSkipped: false })),
    ...violations.map(({ id, message }) => ({ name: `invariant ${id}`, failure: message, isSkipped: false })),
  ];
  const all = outcomes.length > 0 ? outcomes : [{ name: 'runs', failure: undefined, isSkipped: false }];
  const failed = all.filter(({ failure }) => failure !== undefined).length;
  const skipped = all.filter(({ isSkipped }) => isSkipped).length;
  const cases = all.map(({ name, failure, isSkipped }) => {
    const inside = failure === undefined ? (isSkipped ? '<skipped/>' : '') : `<failure message="${escaped(failure)}"/>`;
    return `    <testcase classname="${escaped(scenario)}" name="${escaped(name)}">${inside}</testcase>`;
  });
  const properties = { seed, fingerprint, virtualSeconds };
  return {
    cases,
    failed,
    xml: [
      `  <testsuite name="${escaped(scenario)}" tests="${all.length}" failures="${failed}" skipped="${skipped}" time="${wallMs / 1_000}">`,
      '    <properties>',
      ...Object.entries(properties).map(([name, value]) => `      <property name="${name}" value="${escaped(String(value))}"/>`),
      '    </properties>',
      ...cases,
      '  </testsuite>',
    ].join('\n'),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Control characters have no place in XML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');
}
