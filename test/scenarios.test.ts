import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadScenarios } from '../simulator/cli/input/scenario-input.ts';
import { parseSettings } from '../simulator/cli/input/set-options.ts';
import { InputError } from '../simulator/manifests/input-error.ts';
import { runScenario } from '../simulator/scenario/run-scenario.ts';
import type { ClusterDocument } from '../simulator/scenario/schema.ts';
import { scenarioWorld } from '../simulator/wiring/scenario-world.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../scenarios');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort();
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const nameOf = (file: string): string => file.replace('.yaml', '');

interface Finished {
  readonly fingerprint: string;
  readonly warnings: readonly string[];
  /** Every step and expectation that did not go as the file says, in its words and those of the run; broken invariants too. */
  readonly failures: readonly string[];
}

async function run(file: string, set: readonly string[] = [], options: Parameters<typeof scenarioWorld>[2] = {}): Promise<Finished> {
  const [loaded] = await loadScenarios({ file: join(folder, file), text: textOf(file) }, parseSettings(set));
  if (!loaded) throw new Error(`${file} holds no scenario`);
  const { scenario, plugins } = loaded;
  const { world, cluster } = scenarioWorld(scenario, plugins, options);
  const outcome = await runScenario(scenario, cluster);
  world.invariants.atRest();
  return {
    fingerprint: world.fingerprint,
    warnings: [
      ...scenario.warnings.map(({ object, message }) => `${object}: ${message}`),
      ...world.warnings.map(({ object, message }) => `${object}: ${message}`),
      ...world.breaches.map(({ call, message }) => `${call}: ${message}`),
      ...world.crashes.map(({ plugin, message }) => `${plugin}: ${message}`),
    ],
    failures: [
      ...outcome.failures.map(({ text, message }) => `step ${text}: ${message}`),
      ...outcome.expectations.filter(({ held }) => held !== true).map(({ text, message }) => `${text}: ${message}`),
      ...world.invariants.violations.map(({ id, message }) => `invariant ${id}: ${message}`),
    ],
  };
}

describe('scenarios that teach', () => {
  it('there are some of every kind, and each has the name of its file', () => {
    expect(files.length).toBeGreaterThanOrEqual(18);
    for (const file of files) expect(textOf(file), file).toMatch(new RegExp(`^metadata: \\{ name: ${nameOf(file)} \\}$`, 'm'));
  });

  it('README.md has a row for each, with how long it lasts', () => {
    const rows = readFileSync(join(folder, 'README.md'), 'utf8').split('\n');
    for (const file of files) {
      const duration = /^ {2}duration: (\d+)(m|s)$/m.exec(textOf(file));
      const row = rows.find((line) => line.startsWith(`| [${nameOf(file)}](${file}) | `));
      expect(row, file).toMatch(new RegExp(` ${duration?.[1]} ${duration?.[2] === 'm' ? 'min' : 's'} \\|$`));
    }
  });

  it.each(files)('%s: says what it teaches and where its schema is, in a page of text', (file) => {
    const lines = textOf(file).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^# Teaches /);
    expect(lines).toContain('# yaml-language-server: $schema=../simulator/scenario.schema.json');
    expect(lines.length).toBeLessThanOrEqual(75);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(140);
    expect(textOf(file)).toMatch(/^ +because: /m);
  });

  it.each(files)('%s: holds, warns of nothing, and is the same run again', async (file) => {
    const first = await run(file);
    expect(first.failures).toEqual([]);
    expect(first.warnings).toEqual([]);
    expect((await run(file)).fingerprint).toBe(first.fingerprint);
  });
});

/** What each interface is without a scenario's own word, and what else there is. */
const IMPLEMENTATIONS = {
  oci: ['runc', 'crun'],
  cri: ['containerd', 'crio'],
  cni: ['flannel', 'bridge'],
  csi: ['ebs', 'efs'],
  cpi: ['aws', 'kind', 'none'],
  smi: ['none', 'linkerd'],
} as const;
type Interface = keyof typeof IMPLEMENTATIONS;

interface Row {
  readonly scenario: string;
  readonly set: string;
  /** In one of the failures, or in why the file cannot be loaded. */
  readonly fails: string;
  readonly because: string;
}

/** Where a scenario fails under another implementation than its own. Everywhere else it holds. */
const TABLE: readonly Row[] = [
  {
    scenario: 'pod-volume-balancer-mesh',
    set: 'csi=efs',
    fails: 'WaitForFirstConsumer about PersistentVolumeClaim shop/files was not reported',
    because: 'its class binds at once, and nothing is attached',
  },
  {
    scenario: 'pod-volume-balancer-mesh',
    set: 'cpi=none',
    fails: 'the balancer of Service shop/web has no address yet',
    because: 'nobody makes a balancer',
  },
  {
    scenario: 'pod-volume-balancer-mesh',
    set: 'smi=none',
    fails: 'spec.containers has no item with name "linkerd-proxy"',
    because: 'nobody injects a proxy',
  },
  {
    scenario: 'node-lost-with-attached-volume',
    set: 'csi=efs',
    fails: 'FailedAttachVolume with "Multi-Attach error" was not reported',
    because: 'a shared file system is attached to nobody, so the replacement starts at once',
  },
  {
    scenario: 'node-lost-and-back',
    set: 'csi=efs',
    fails: 'Available is True, not False',
    because: 'a shared file system is attached to nobody, so the replacement starts at once',
  },
  {
    scenario: 'lost-answer-makes-one-volume',
    set: 'csi=efs',
    fails: 'VolumeFailedDelete with "is still attached to node" was not reported',
    because: 'it is attached to nobody, so it can be deleted at once',
  },
  {
    scenario: 'snapshot-and-restore',
    set: 'csi=efs',
    fails: 'there is no kind "VolumeSnapshotClass" in snapshot.storage.k8s.io/v1',
    because: 'its driver has no snapshots, so nobody defines their kinds',
  },
  {
    scenario: 'volume-expansion',
    set: 'csi=efs',
    fails: 'the storageclass that provisions the pvc must support resize',
    because: 'a file system without a size does not grow',
  },
  {
    scenario: 'zone-bound-volume-against-spread',
    set: 'csi=efs',
    fails: 'PodScheduled is True, not False',
    because: 'its volumes are in every zone',
  },
  {
    scenario: 'scale-up-through-the-cloud',
    set: 'cni=flannel',
    fails: 'status.conditions[type=NetworkUnavailable].reason is "FlannelIsUp", not "RouteCreated"',
    because: 'its agent sets up the ways between nodes and says so itself',
  },
  {
    scenario: 'scale-up-through-the-cloud',
    set: 'cpi=kind',
    fails: 'status.conditions has no item with type "NetworkUnavailable"',
    because: 'containers on one machine need no routes of a cloud',
  },
  {
    scenario: 'scale-up-through-the-cloud',
    set: 'cpi=none',
    fails: 'spec.taints is not set, and should be [{key: "node.cloudprovider.kubernetes.io/uninitialized"}]',
    because: 'no provider has to look at a new node first',
  },
  {
    scenario: 'load-balancer-provisioning',
    set: 'cpi=kind',
    fails: 'has(i.hostname) is false',
    because: 'its balancers have addresses and no names',
  },
  {
    scenario: 'load-balancer-provisioning',
    set: 'cpi=none',
    fails: 'EnsuredLoadBalancer about Service default/web was not reported',
    because: 'nobody makes a balancer',
  },
  {
    scenario: 'mesh-denies-then-allows',
    set: 'smi=none',
    fails: 'there is no kind "TrafficTarget" in access.smi-spec.io/v1alpha3',
    because: 'nobody brings the definitions',
  },
  {
    scenario: 'traffic-split',
    set: 'smi=none',
    fails: 'there is no kind "TrafficSplit" in split.smi-spec.io/v1alpha4',
    because: 'nobody brings the definitions',
  },
];

/** What scenarios choose themselves. */
const chosen = new Map<string, ClusterDocument['plugins']>();
for (const file of files) {
  const [loaded] = await loadScenarios({ file: join(folder, file), text: textOf(file) }, []);
  chosen.set(file, loaded?.scenario.cluster.plugins);
}

/** The implementation that the file runs with; of several drivers the first. */
function ownOf(file: string, kind: Interface): string {
  const given = chosen.get(file)?.[kind];
  const first = Array.isArray(given) ? given[0] : given;
  return (typeof first === 'object' ? first.use : first) ?? IMPLEMENTATIONS[kind][0];
}

const combinations = files.flatMap((file) =>
  (Object.keys(IMPLEMENTATIONS) as Interface[]).flatMap((kind) =>
    IMPLEMENTATIONS[kind].filter((name) => name !== ownOf(file, kind)).map((name) => ({ file, kind, set: `${kind}=${name}` })),
  ),
);
const rowOf = (file: string, set: string): Row | undefined => TABLE.find((row) => `${row.scenario}.yaml` === file && row.set === set);
/** SLIPWAY_TABLE=all runs everything: two minutes more. */
const all = process.env['SLIPWAY_TABLE'] === 'all';
/** A file that speaks of an interface by its name is about it; the others hardly can go otherwise. */
const isAbout = (file: string, kind: Interface): boolean => new RegExp(`\\b${kind}\\b`).test(textOf(file));
const wanted = combinations.filter(({ file, kind, set }) => all || rowOf(file, set) !== undefined || isAbout(file, kind));

describe('scenarios under other implementations', () => {
  it('the table names combinations that there are, and the files themselves speak of them', () => {
    for (const { scenario, set } of TABLE) {
      expect(
        combinations.some((each) => each.file === `${scenario}.yaml` && each.set === set),
        `${scenario} ${set}`,
      ).toBe(true);
      expect(textOf(`${scenario}.yaml`)).toContain(set.replace('=', ' '));
    }
  });

  it.each(wanted)('$file with $set', async ({ file, set }) => {
    const row = rowOf(file, set);
    try {
      const { failures } = await run(file, [`plugins.${set}`]);
      if (row) expect(failures.join('\n'), row.because).toContain(row.fails);
      else expect(failures).toEqual([]);
    } catch (error) {
      if (!(error instanceof InputError) || !row) throw error;
      expect(error.message, row.because).toContain(row.fails);
    }
  });
});

// What is not asked for is no test that was skipped.
if (all)
  describe('scenarios, however the run goes', () => {
    it.each(files)('%s: holds under other seeds, and other orders and delays of what happens at once', async (file) => {
      for (const seed of [1, 2, 3]) expect((await run(file, [`seed=${seed}`], { explore: 'swarm' })).failures).toEqual([]);
    });
  });
