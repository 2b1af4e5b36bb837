import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

// The two strict rules of the house: imports point one way, and no hidden input outside the kernel and the edges.

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (name === 'node_modules' || name === 'dist') return [];
    if (statSync(join(root, path)).isDirectory()) return sources(path);
    return name.endsWith('.ts') ? [path] : [];
  });
}

/** Code without comments, so that prose about a rule does not break it. */
function codeOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`])\/\/[^\n]*/g, '$1');
}

const all = [...sources('packages'), ...sources('simulator')];
const product = all.filter((path) => !path.endsWith('.test.ts'));
const importsOf = (code: string): string[] => [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name ?? '');

/** What each package may import of the others: `cli → wiring → {simulator, mocks} → contracts, client, host, programs → kernel, kube`. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  kube: [],
  client: ['kernel', 'kube'],
  host: ['kernel'],
  plugin: ['kernel', 'kube', 'client', 'host'],
  programs: ['kernel', 'host'],
  oci: ['kernel', 'kube', 'client', 'host', 'plugin'],
  cni: ['kernel', 'kube', 'client', 'host', 'plugin'],
  cri: ['kernel', 'kube', 'client', 'host', 'plugin', 'oci', 'cni'],
  cloud: ['kernel', 'kube', 'client', 'host', 'plugin'],
  csi: ['kernel', 'kube', 'client', 'host', 'plugin', 'cloud'],
  cpi: ['kernel', 'kube', 'client', 'host', 'plugin', 'cloud'],
  smi: ['kernel', 'kube', 'client', 'host', 'plugin'],
  testing: ['kernel', 'kube', 'client', 'host', 'plugin', 'oci', 'cni', 'cri', 'cloud', 'csi', 'cpi', 'smi', 'programs'],
};

describe('imports', () => {
  test('point one way between packages', () => {
    const wrong = all.flatMap((path) => {
      const [top, name = ''] = path.split('/');
      return importsOf(codeOf(path)).flatMap((target) => {
        const [scope, other = ''] = target.split('/');
        if (scope !== '@slipway' || top !== 'packages' || other === name) return [];
        if (ALLOWED[name]?.includes(other)) return [];
        return [`${path} imports ${target}; ${name} may import ${ALLOWED[name]?.join(', ') || 'no other package'}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  test('stay inside their package when they are relative', () => {
    const wrong = all.flatMap((path) => {
      const home = path
        .split('/')
        .slice(0, path.startsWith('packages/') ? 2 : 1)
        .join('/');
      return importsOf(codeOf(path))
        .filter((target) => target.startsWith('.'))
        .filter((target) => !`${relative(root, join(root, dirname(path), target))}/`.startsWith(`${home}/`))
        .map((target) => `${path} imports ${target}; import the package by its name`);
    });
    expect(wrong).toEqual([]);
  });

  test('name mocks in wiring, the command and tests only', () => {
    const wrong = product
      .filter((path) => path.startsWith('simulator/') && !/^simulator\/(wiring|cli)\//.test(path))
      .filter((path) => importsOf(codeOf(path)).some((target) => /^@slipway\/[a-z]+\/mocks/.test(target)))
      .map((path) => `${path}: go through the contract; only simulator/wiring names a mock`);
    expect(wrong).toEqual([]);
  });

  test('of a contract: no mock and no simulator', () => {
    const wrong = product
      .filter((path) => path.startsWith('packages/') && !path.includes('/mocks/') && !path.endsWith('conformance.ts'))
      .filter((path) => importsOf(codeOf(path)).some((target) => /(^|\/)mocks\//.test(target) || target.startsWith('@slipway/simulator')));
    expect(wrong).toEqual([]);
  });

  test('inversify: in simulator/wiring only', () => {
    const wrong = product.filter((path) => !path.startsWith('simulator/wiring/') && importsOf(codeOf(path)).includes('inversify'));
    expect(wrong).toEqual([]);
  });

  test("Node's own modules: in simulator/cli only, since the rest runs in a browser", () => {
    const wrong = product
      .filter((path) => !path.startsWith('simulator/cli/'))
      .flatMap((path) =>
        importsOf(codeOf(path))
          .filter((target) => target.startsWith('node:'))
          .map((target) => `${path} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });
});

/** A hidden input, where it may stand, and what to write instead. */
const BANNED: readonly { readonly what: RegExp; readonly instead: string }[] = [
  { what: /\bDate\.now\b|\bnew Date\(\s*\)/, instead: 'kernel.now, or context.now()' },
  { what: /\bperformance\.now\b/, instead: 'kernel.now, or context.now()' },
  { what: /\bMath\.random\b|\bcrypto\.(randomUUID|getRandomValues)\b/, instead: 'kernel.random(name)' },
  { what: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b|\bprocess\.nextTick\b/, instead: 'yield* sleep(…)' },
  { what: /\bPromise\.(race|any)\b/, instead: 'race([…]) of the kernel' },
  { what: /\.localeCompare\b|\btoLocale[A-Z]\w*\b|\bIntl\./, instead: 'compare with <' },
  { what: /\bMath\.(log|log2|log10|log1p|exp|expm1|pow|sin|cos|tan|sinh|cosh|tanh|cbrt|hypot)\b/, instead: 'kernelMath' },
  // Whole powers of two and powers of bigints are exact in every engine.
  { what: /(?<!\b(?:2|2n|10n))\s\*\*\s/, instead: 'kernelMath.pow, or a product' },
];

describe('determinism', () => {
  test('no hidden input outside the kernel and the command', () => {
    const wrong = product
      .filter((path) => !/^(packages\/kernel|simulator\/cli)\//.test(path))
      .flatMap((path) =>
        codeOf(path)
          .split('\n')
          .flatMap((line, index) =>
            BANNED.filter(({ what }) => what.test(line)).map(
              ({ instead }) => `${path}:${index + 1}: write ${instead} instead of ${line.trim()}`,
            ),
          ),
      );
    expect(wrong).toEqual([]);
  });

  test('the ban really catches what it bans', () => {
    const offences = [
      'const t = Date.now();',
      'new Date()',
      'Math.random()',
      'setTimeout(f, 1)',
      'a.localeCompare(b)',
      'Math.log(2)',
      'await Promise.race([])',
    ];
    for (const offence of offences)
      expect(
        BANNED.some(({ what }) => what.test(offence)),
        offence,
      ).toBe(true);
  });
});

describe('files', () => {
  test('have names in kebab-case, and no folder is called utils, common or misc', () => {
    const wrong = all.filter((path) =>
      path
        .split('/')
        .some(
          (part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.test-d)?(\.ts)?$/.test(part) || /^(utils?|common|misc|helpers?)(\.ts)?$/.test(part),
        ),
    );
    expect(wrong).toEqual([]);
  });
});
