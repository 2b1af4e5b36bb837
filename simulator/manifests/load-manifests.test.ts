import { describe, expect, it } from 'vitest';
import { InputError } from './input-error.ts';
import { loadManifests, type Manifests } from './load-manifests.ts';

const web = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: nginx
`;
const config = (rest: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${rest}`;

const load = (text: string, file = 'a.yaml'): Manifests => loadManifests([{ file, text }]);

function refusal(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'accepted';
}

/** A mistake in the text above: what was there, what stands there instead. */
const change = (from: string, to: string): string => {
  expect(web).toContain(from);
  return web.replace(from, to);
};

const DNS_HELP =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe('loader: every mistake has its place, object, field and fix', () => {
  it.each<[title: string, text: () => string, message: string]>([
    [
      'tab',
      () => change('  replicas', '\treplicas'),
      'a.yaml:6:1: malformed YAML: a tab is used for indentation (Tabs are not allowed as indentation)\n  indent with spaces',
    ],
    [
      'bracket left open',
      () => change('{app: web}', '{app: web'),
      'a.yaml:8:18: malformed YAML: this bracket is not closed (Flow map in block collection must be sufficiently indented and end with a })\n  add the closing }',
    ],
    [
      'quote left open',
      () => change('name: web\n', 'name: "web\n'),
      'a.yaml:4:9: malformed YAML: this quote is not closed (Missing closing "quote)\n  add the closing "',
    ],
    [
      'one space too many',
      () => change('  selector', '   selector'),
      'a.yaml:7:4: malformed YAML: the indentation does not fit\n  indent this line as the lines beside it',
    ],
    [
      'colon missing',
      () => change('replicas: 2', 'replicas 2'),
      'a.yaml:6:3: malformed YAML: a key goes over several lines (Implicit keys need to be on a single line)\n  a colon or an indentation is missing',
    ],
    [
      'key twice',
      () => change('  replicas: 2', '  replicas: 2\n  replicas: 3'),
      'a.yaml:7:3: spec: the key "replicas" stands twice in one map\n  remove one of the two',
    ],
    [
      'template',
      () => change('name: web', 'name: {{ .Values.name }}'),
      'a.yaml:4:10: metadata.name: this is a template, not YAML\n  render it first, for example with "helm template"',
    ],
    [
      'unknown field',
      () => change('replicas', 'replica'),
      'a.yaml:6:3: Deployment default/web: spec.replica: unknown field "replica"\n  did you mean "replicas"?',
    ],
    [
      'unknown field, CRLF',
      () => change('replicas', 'replica').replaceAll('\n', '\r\n'),
      'a.yaml:6:3: Deployment default/web: spec.replica: unknown field "replica"\n  did you mean "replicas"?',
    ],
    [
      'unknown field, CR',
      () => change('replicas', 'replica').replaceAll('\n', '\r'),
      'a.yaml:6:3: Deployment default/web: spec.replica: unknown field "replica"\n  did you mean "replicas"?',
    ],
    [
      'wrong type',
      () => change('replicas: 2', 'replicas: two'),
      'a.yaml:6:13: Deployment default/web: spec.replicas: must be a whole number, not the string "two"',
    ],
    [
      'quoted number',
      () => change('replicas: 2', 'replicas: "2"'),
      'a.yaml:6:13: Deployment default/web: spec.replicas: must be a whole number, not the string "2"\n  write 2',
    ],
    [
      'map for a list',
      () => change('        - name: web\n          image', '        name: web\n        image'),
      'a.yaml:13:7: Deployment default/web: spec.template.spec.containers: must be a list, not an object\n  begin each item with "- "',
    ],
    [
      'yes for true',
      () => change('    spec:\n', '    spec:\n      hostNetwork: yes\n'),
      'a.yaml:13:20: Deployment default/web: spec.template.spec.hostNetwork: must be true or false, not the string "yes"\n  write true',
    ],
    [
      'vocabulary',
      () => change('    spec:\n', '    spec:\n      restartPolicy: always\n'),
      'a.yaml:13:22: Deployment default/web: spec.template.spec.restartPolicy: unsupported value "always": must be one of Always, OnFailure, Never\n  did you mean "Always"?',
    ],
    [
      'unknown kind',
      () => change('Deployment', 'Deploymnt'),
      'a.yaml:2:7: there is no kind "Deploymnt" in apps/v1\n  did you mean "Deployment"?',
    ],
    ['kind missing', () => change('kind: Deployment\n', ''), 'a.yaml:1:1: kind is missing\n  write for example "kind: Deployment"'],
    [
      'wrong version',
      () => change('apps/v1', 'extensions/v1beta1'),
      'a.yaml:1:13: there is no kind "Deployment" in extensions/v1beta1\n  write "apiVersion: apps/v1"',
    ],
    [
      'version missing',
      () => change('apiVersion: apps/v1\n', ''),
      'a.yaml:1:1: Deployment: apiVersion is missing\n  write "apiVersion: apps/v1"',
    ],
    [
      'custom kind without definition',
      () => 'apiVersion: example.com/v1\nkind: Ship\nmetadata: {name: a}\n',
      'a.yaml:2:7: there is no kind "Ship" in example.com/v1\n  a custom kind needs its CustomResourceDefinition in the input',
    ],
    [
      'object twice',
      () => `${web}---\n${web}`,
      'a.yaml:17:1: Deployment default/web stands twice; first at a.yaml:1\n  remove one of the two, or rename it',
    ],
    ['empty', () => '', 'a.yaml: holds no Kubernetes object\n  give manifests with apiVersion, kind and metadata'],
    [
      'only comments',
      () => '# one\n---\n# two\n',
      'a.yaml: holds no Kubernetes object\n  give manifests with apiVersion, kind and metadata',
    ],
    ['a scalar', () => 'hello\n', 'a.yaml:1:1: is no Kubernetes object\n  write a map with apiVersion, kind and metadata'],
    [
      'bad name',
      () => change('name: web\n', 'name: Web_1\n'),
      `a.yaml:4:9: Deployment default/Web_1: metadata.name: Invalid value: "Web_1": ${DNS_HELP}`,
    ],
    [
      'name missing',
      () => change('  name: web\n', '  labels: {}\n'),
      'a.yaml:3:1: Deployment: metadata.name: Required value: name or generateName is required\n  add it',
    ],
    [
      'generateName',
      () => change('  name: web\n', '  generateName: web-\n'),
      'a.yaml:4:3: Deployment: metadata.name is missing: generateName names an object that is created, not one that is applied\n  write "name: web-1" instead',
    ],
    [
      'bad quantity',
      () => `${web}          resources: {limits: {memory: 1GB}}\n`,
      'a.yaml:16:40: Deployment default/web: spec.template.spec.containers[0].resources.limits.memory: must be a quantity such as 500m, 2 or 1Gi (did you mean 1G?)\n  units are m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei',
    ],
    [
      'negative',
      () => change('replicas: 2', 'replicas: -1'),
      'a.yaml:6:13: Deployment default/web: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'selector',
      () => change('matchLabels: {app: web}', 'matchLabels: {app: api}'),
      'a.yaml:11:7: Deployment default/web: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`\n  give the template every label that the selector asks for',
    ],
    [
      'recursive alias',
      () => config('data: &d\n  x: *d\n'),
      'a.yaml:5:6: data.x: the alias *d stands inside of what it names, which would never end\n  write the value out',
    ],
    [
      'alias of nothing',
      () => config('data: {x: *d}\n'),
      'a.yaml:4:11: data.x: the alias *d names no anchor\n  write "&d" before the value that it is to repeat',
    ],
    [
      'merge of no map',
      () => config('data: {<<: 5}\n'),
      'a.yaml:4:8: data: "<<" takes a map or an alias of one\n  write for example "<<: *defaults", or quote the key',
    ],
    ['__proto__', () => config('data: {__proto__: {x: y}}\n'), 'a.yaml:4:8: data: the key "__proto__" is not allowed\n  remove it'],
    [
      'constructor',
      () => config('constructor: {x: y}\n'),
      'a.yaml:4:1: ConfigMap default/a: constructor: unknown field "constructor"\n  remove it, or move it to where it belongs',
    ],
    [
      'too large for a number',
      () => change('replicas: 2', 'replicas: 9007199254740993'),
      'a.yaml:6:13: spec.replicas: the number 9007199254740993 is too large\n  write at most 9007199254740991, or quote it if it is text',
    ],
    [
      'no number',
      () => change('replicas: 2', 'replicas: .nan'),
      'a.yaml:6:13: spec.replicas: .nan is no number that Kubernetes knows\n  write a finite number, or quote it if it is text',
    ],
    ['binary', () => `a: b\nc: \u0000\n`, 'a.yaml:2:4: is not a text file: the byte 0x00 stands in no text\n  give YAML or JSON in UTF-8'],
    [
      'list without items',
      () => 'apiVersion: v1\nkind: List\n',
      'a.yaml:1:1: List: items must be a list\n  write one object per "-" below "items:"',
    ],
    [
      'JSON',
      () => '{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {\n\t\t"nam": "a"\n\t}\n}',
      'a.yaml:5:3: ConfigMap: metadata.nam: unknown field "nam"\n  did you mean "name"?',
    ],
    [
      'JSON left open',
      () => '{"apiVersion": "v1", "kind": "ConfigMap",\n"metadata": {"name": "a"}',
      'a.yaml:1:1: malformed YAML: this bracket is not closed (Flow map must end with a })\n  add the closing }',
    ],
  ])('%s', (_title, text, message) => {
    expect(refusal(text())).toBe(message);
  });

  it('a list with bad items: each is told at its own place', () => {
    const text = 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- 5\n- kind: Pod\n';
    expect(refusal(text)).toBe(
      'a.yaml:7:3: is no Kubernetes object\n  write a map with apiVersion, kind and metadata\na.yaml:8:3: Pod: apiVersion is missing\n  write "apiVersion: v1"',
    );
  });

  it('many mistakes: ten are shown, in the order of the text, and the rest is counted', () => {
    const text = Array.from({ length: 30 }, (_, index) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}\ndat: {}\n`).join(
      '---\n',
    );
    const lines = refusal(text).split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe('a.yaml:4:1: ConfigMap default/c0: dat: unknown field "dat"');
    expect(lines.at(-1)).toBe('… and 20 more');
  });

  it('an object in two files: both places are named', () => {
    expect(() =>
      loadManifests([
        { file: 'a.yaml', text: web },
        { file: 'b.yaml', text: web },
      ]),
    ).toThrow('b.yaml:1:1: Deployment default/web stands twice; first at a.yaml:1');
  });
});

describe('loader: hostile input ends soon, with a message', () => {
  it.each<[string, () => string, RegExp]>([
    ['nesting: open brackets', () => '['.repeat(100_000), /is nested too deeply/],
    ['nesting: closed brackets', () => `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`, /is nested too deeply/],
    [
      'nesting: within what the parser bears',
      () => config(`data: ${'{a: '.repeat(300)}${'}'.repeat(300)}`),
      /^a.yaml:4:\d+: is nested too deeply/,
    ],
    ['nesting: list items', () => `${'- '.repeat(50_000)}a`, /is nested too deeply/],
    [
      'alias bomb',
      () =>
        `a: &a [1,1,1,1,1,1,1,1,1,1]\n${[...'bcdefghij'].map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]},`.repeat(10)}]\n`).join('')}`,
      /aliases repeat what they name/,
    ],
    ['20 MB of newlines', () => '\n'.repeat(20_000_000), /holds no Kubernetes object/],
    ['20 MB of documents', () => '---\n'.repeat(5_000_000), /is too large/],
    [
      'one map with 30,000 keys',
      () => config(`data: {}\nx:\n${Array.from({ length: 30_000 }, (_, index) => `  k${index}: v\n`).join('')}`),
      /unknown field "x"/,
    ],
  ])('%s', (_title, text, message) => {
    expect(refusal(text())).toMatch(message);
  });

  it('prototype keys: reach no prototype', () => {
    refusal(config('data: {__proto__: {polluted: yes}}\nconstructor: {prototype: {polluted: yes}}\n'));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const { objects } = load(config('data: {constructor: x, toString: y, hasOwnProperty: z}\n'));
    expect(objects[0]?.object).toMatchObject({ data: { constructor: 'x', toString: 'y', hasOwnProperty: 'z' } });
  });
});

describe('loader: what is fine stays fine', () => {
  it('line ends: LF, CRLF and CR make the same objects', () => {
    const expected = load(web).objects;
    for (const end of ['\r\n', '\r']) expect(load(web.replaceAll('\n', end)).objects).toEqual(expected);
  });

  it('JSON: is YAML, a List is taken apart, lists in lists too', () => {
    const object = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [object('a'), { apiVersion: 'v1', kind: 'ConfigMapList', items: [object('b')] }],
    };
    expect(load(JSON.stringify(list)).objects.map(({ object: { metadata } }) => metadata.name)).toEqual(['a', 'b']);
    expect(load(JSON.stringify(list, undefined, '\t')).objects).toHaveLength(2);
  });

  it('octal numbers: 0644 is read as Kubernetes reads it', () => {
    const volumes = '      volumes: [{name: c, configMap: {name: c, defaultMode: 0644}}]\n';
    expect(load(web + volumes).objects[0]?.object).toMatchObject({
      spec: { template: { spec: { volumes: [{ configMap: { defaultMode: 0o644 } }] } } },
    });
  });

  it('aliases and merge keys: fields that stand there win', () => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: &l {x: "1", y: "2"}, annotations: {<<: *l, y: "3"}}\n`;
    expect(load(text).objects[0]?.object.metadata.annotations).toEqual({ x: '1', y: '3' });
  });

  it('custom kinds: known from a definition anywhere in the input', () => {
    const ship = 'apiVersion: example.com/v1\nkind: Ship\nmetadata: {name: a}\nspec: {masts: 3}\n';
    const definition =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ships.example.com}\nspec: {group: example.com, scope: Namespaced, names: {plural: ships, singular: ship, kind: Ship, listKind: ShipList}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n';
    const { objects } = loadManifests([
      { file: 'a.yaml', text: ship },
      { file: 'b.yaml', text: definition },
    ]);
    expect(objects.map(({ kind }) => kind.plural)).toEqual(['ships', 'customresourcedefinitions']);
    expect(refusal(`${definition}---\n${ship.replace('name: a', 'name: A_')}`)).toContain(
      'a.yaml:8:18: Ship default/A_: metadata.name: Invalid value: "A_"',
    );
  });

  it('fields that the server sets: are accepted and left out', () => {
    const text =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a, uid: u, resourceVersion: "5", creationTimestamp: null, generation: 2, labels: {x: y}}\nspec: {containers: [{name: c, image: i}]}\nstatus: {phase: Running}\n';
    expect(load(text).objects[0]?.object.metadata).toEqual({ name: 'a', labels: { x: 'y' } });
  });

  it('what a controller of the input made: is left to it, with a warning', () => {
    const owner = 'ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]';
    const made = `${web.replace('Deployment', 'ReplicaSet').replace('name: web\n', `name: web-1\n  ${owner}\n`)}`;
    const { objects, warnings } = load(`${web}---\n${made}`);
    expect(objects).toHaveLength(1);
    expect(warnings).toEqual([
      {
        object: 'ReplicaSet default/web-1',
        field: 'metadata.ownerReferences',
        message: 'left out: Deployment web, which is in the input too, makes its own',
      },
    ]);
    expect(load(made).objects).toHaveLength(1);
  });

  it('documents without content: are passed over', () => {
    expect(load(`---\n# nothing\n---\n${web}---\n---\n`).objects).toHaveLength(1);
  });
});
