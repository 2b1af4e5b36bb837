import { suggestion } from '@slipway/kube/schema';
import { INTERFACES } from '../../wiring/catalog.ts';
import { UsageError } from '../usage-error.ts';

/** What `slipway new` makes. Each has a folder of templates: real sources, checked and tested like all others, that are called `my-name`. */
export const NEW_KINDS = {
  cri: 'a container runtime: containerd, with one thing changed',
  cni: 'a network plugin: a bridge on each node',
  csi: 'a storage driver: folders of a shared server',
  cpi: 'a cloud provider: instances and load balancers',
  smi: 'a service mesh: proxies, splits and access',
  oci: 'a low-level runtime: runc, with one thing changed',
  controller: 'an operator: a ConfigMap in each labelled Namespace',
  scheduler: 'a rule for the scheduler: nodes that take one tenant only',
  scenario: 'a scenario: a web server, a fault, and what must hold',
} as const;

export type NewKind = keyof typeof NEW_KINDS;

/** The new folder's files, by name. */
export type ProjectFiles = Readonly<Record<string, string>>;

/** @throws UsageError for a kind that there is not. */
export function readKind(text: string): NewKind {
  if (Object.hasOwn(NEW_KINDS, text)) return text as NewKind;
  const names = Object.keys(NEW_KINDS);
  const near = suggestion(text, names);
  throw new UsageError(
    `there is nothing called "${text}" to make`,
    `${near === undefined ? '' : `did you mean "${near}"? `}slipway new makes ${names.join(', ')}`,
  );
}

/** The rule for names of plugins, since the folder's plugin has the name. @throws UsageError */
export function readName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new UsageError(
    `"${text}" is no name`,
    'write at most 63 lower-case letters, digits and dashes, for example my-network; the folder is made where you are',
  );
}

const VITEST_CONFIG = `import { defineConfig } from 'vitest/config';

/** Slipway's packages are JavaScript already: loading them as they are is much faster than transforming them once more. */
export default defineConfig({ test: { testTimeout: 30_000, server: { deps: { external: [/\\/dist\\//] } } } });
`;

/** The template with the name filled in, and what no template is needed for. */
export function projectFiles(kind: NewKind, name: string, templates: ProjectFiles): ProjectFiles {
  const files: Record<string, string> = {};
  for (const [file, text] of Object.entries(templates)) files[fill(file, name)] = fill(text, name);
  files['vitest.config.ts'] = VITEST_CONFIG;
  files['package.json'] = json({
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      start: 'slipway run scenario.yaml',
      test: 'vitest run',
      ...(hasConformance(kind) ? { conformance: `slipway conformance ${kind} --plugin ./${name}.ts` } : {}),
    },
  });
  files['tsconfig.json'] = json({
    compilerOptions: {
      target: 'es2022',
      lib: ['es2023'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      types: ['node'],
    },
    include: ['*.ts'],
  });
  return files;
}

/** Parts of the control plane and scenarios implement no standard interface. */
export function hasConformance(kind: NewKind): boolean {
  return (INTERFACES as readonly string[]).includes(kind);
}

function fill(text: string, name: string): string {
  return text.replaceAll('MyName', pascalCase(name)).replaceAll('my-name', name);
}

/** `my-network` becomes `MyNetwork`. A class's name begins with a letter. */
function pascalCase(name: string): string {
  const words = name.split('-').map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  return words.join('').replace(/^(?=\d)/, 'Plugin');
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
