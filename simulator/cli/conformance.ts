import { builtIn, INTERFACES, type PluggableInterface } from '../wiring/catalog.ts';
import { type CaseResult, runConformance } from '../wiring/conformance.ts';
import { EXIT } from './exit-codes.ts';
import { loadPlugin } from './input/load-plugin.ts';
import type { Leak } from '../wiring/leaks.ts';
import { leaksOf } from './leaks/index.ts';
import { writeLine } from './output/hanging.ts';
import { table } from './output/table.ts';
import { UsageError } from './usage-error.ts';

const MARKS: Readonly<Record<CaseResult['outcome'], string>> = { passed: 'ok', failed: 'FAILED', skipped: 'skipped' };

/** `slipway conformance IFACE --plugin P`: a line per case; exit 1 if one fails. */
export async function conformance(kind: string, options: { readonly plugin: string; readonly json?: boolean }): Promise<number> {
  if (!(INTERFACES as readonly string[]).includes(kind))
    throw new UsageError(`there is no interface "${kind}"`, `interfaces are ${INTERFACES.join(', ')}`);
  const tested = kind as PluggableInterface;
  const plugin = /^[a-z0-9][a-z0-9-]*$/.test(options.plugin) ? builtIn(tested, options.plugin) : await loadPlugin(options.plugin, tested);
  const leaks: Leak[] = [];
  leaksOf([plugin]).listen((leak) => leaks.push(leak));
  const results = await runConformance(tested, tested === 'csi' ? { csi: [{ use: plugin }] } : { [tested]: { use: plugin } });
  const count = (outcome: CaseResult['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ interface: tested, plugin: plugin.name, passed: count('passed'), failed: count('failed'), skipped: count('skipped'), cases: results, leaks })}\n`,
    );
  } else {
    const rows = results.map(({ outcome, id, title, message }) => [
      MARKS[outcome],
      id,
      message === '' ? title : `${title}: ${firstLine(message)}`,
    ]);
    process.stdout.write(`${table(['outcome', 'case', 'what holds'], rows)}\n`);
    process.stdout.write(
      `\n${tested} plugin ${plugin.name}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`,
    );
  }
  for (const { invariant, message } of leaks) writeLine(process.stderr, `invariant ${invariant} broken: ${message}`);
  return count('failed') + leaks.length > 0 ? EXIT.failed : EXIT.held;
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
