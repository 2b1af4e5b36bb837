import type { KindMap, ResourceName } from './kinds.ts';
import { SelectorError } from './selectors.ts';
import type { KubeObject, ObjectReference } from './types/index.ts';

// Source: apimachinery `fields/selector.go`; which fields: `pkg/apis/*/v1/conversion.go`.

/** `field=value`, or with `equal: false` `field!=value`. */
export interface FieldRequirement {
  readonly field: string;
  readonly value: string;
  readonly equal: boolean;
}

type FieldReader<T> = (object: T) => string | undefined;

const involved =
  (part: keyof ObjectReference): FieldReader<KindMap['events']> =>
  (event) =>
    event.involvedObject[part];

const fieldsOf: { readonly [R in ResourceName]?: Readonly<Record<string, FieldReader<KindMap[R]>>> } = {
  pods: {
    'spec.nodeName': (pod) => pod.spec.nodeName,
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy,
    'spec.schedulerName': (pod) => pod.spec.schedulerName,
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName,
    'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase,
    'status.podIP': (pod) => pod.status?.podIP,
    'status.podIPs': (pod) => pod.status?.podIPs?.map(({ ip }) => ip).join(','),
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName,
  },
  nodes: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
  namespaces: { 'status.phase': (namespace) => namespace.status?.phase },
  secrets: { type: (secret) => secret.type },
  services: { 'spec.clusterIP': (service) => service.spec.clusterIP, 'spec.type': (service) => service.spec.type },
  jobs: { 'status.successful': (job) => String(job.status?.succeeded ?? 0) },
  events: {
    'involvedObject.kind': involved('kind'),
    'involvedObject.namespace': involved('namespace'),
    'involvedObject.name': involved('name'),
    'involvedObject.uid': involved('uid'),
    'involvedObject.apiVersion': involved('apiVersion'),
    'involvedObject.resourceVersion': involved('resourceVersion'),
    'involvedObject.fieldPath': involved('fieldPath'),
    reason: (event) => event.reason,
    reportingComponent: (event) => event.reportingComponent,
    source: (event) => event.source?.component ?? event.reportingComponent,
    type: (event) => event.type,
  },
};

function readerOf(plural: string, field: string): FieldReader<KubeObject> | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace;
  const readers = Object.hasOwn(fieldsOf, plural) ? fieldsOf[plural as ResourceName] : undefined;
  // The table pairs each plural with readers of its own type, so a reader only ever sees an object of that plural.
  return readers !== undefined && Object.hasOwn(readers, field)
    ? ((readers as Readonly<Record<string, FieldReader<never>>>)[field] as FieldReader<KubeObject> | undefined)
    : undefined;
}

/**
 * Reads `a=b,c!=d`, with `\,`, `\=` and `\\` in values.
 *
 * @param plural the resource whose fields are meant; others than its selectable ones are refused
 * @throws SelectorError BadRequest
 */
export function parseFieldSelector(text: string, plural: string): readonly FieldRequirement[] {
  return splitTerms(text)
    .filter((term) => term !== '')
    .map((term) => {
      const match = /^((?:\\.|[^\\=!])*)(==|!=|=)([\s\S]*)$/.exec(term);
      if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field = '', operator = '', value = ''] = match;
      if (readerOf(plural, field) === undefined) throw new SelectorError(`field label not supported: ${field}`);
      return { field, value: value.replace(/\\([\\,=])/g, '$1'), equal: operator !== '!=' };
    });
}

function splitTerms(text: string): readonly string[] {
  return text.match(/(?:\\[\s\S]|[^\\,])+/g) ?? [];
}

/** Whether an object of the resource has all these fields. */
export function matchesFields(plural: string, requirements: readonly FieldRequirement[], object: KubeObject): boolean {
  for (const { field, value, equal } of requirements) {
    if (((readerOf(plural, field)?.(object) ?? '') === value) !== equal) return false;
  }
  return true;
}
