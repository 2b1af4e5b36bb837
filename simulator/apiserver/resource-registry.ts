import {
  ApiError,
  badRequest,
  type Column,
  type CustomResourceDefinition,
  customKinds,
  type FieldError,
  type Kind,
  kinds,
  type KubeObject,
} from '@slipway/kube';
import { CustomSchemas, printerColumns } from './custom-resources/index.ts';
import type { Store } from './store.ts';
import type { Table } from './table.ts';

/** Which resources are served: the built-in kinds, and those of CustomResourceDefinitions. */
export class ResourceRegistry {
  readonly #store: Store;
  readonly #byName = new Map<string, Table>();
  /** Versions in which a custom resource may be sent; it is kept in the first. */
  readonly #served = new Map<Table, readonly Kind[]>();
  readonly #custom = new Map<Table, { readonly definition: CustomResourceDefinition; readonly schemas: CustomSchemas }>();

  constructor(store: Store) {
    this.#store = store;
    for (const kind of kinds) this.#add(kind);
  }

  /** @param resource plural, or `plural.group`. @throws ApiError NotFound as for any path that is not served. */
  table(resource: string): Table {
    const table = this.#byName.get(resource);
    if (!table) throw new ApiError('NotFound', 'the server could not find the requested resource');
    return table;
  }

  find(resource: string): Table | undefined {
    return this.#byName.get(resource);
  }

  /** The kinds that are served. */
  kinds(): readonly Kind[] {
    return [...this.#store.tables()].map(({ kind }) => kind);
  }

  /**
   * The body in the version in which it is stored; of a custom kind, as its schema has it: unknown fields gone, defaults filled in.
   *
   * @throws ApiError BadRequest when it is of another kind.
   */
  checkKind(table: Table, object: KubeObject): KubeObject {
    const { apiVersion, kind } = table.kind;
    const custom = this.#custom.get(table);
    if (object.kind === kind && object.apiVersion === apiVersion) return custom ? custom.schemas.decode(object, apiVersion) : object;
    if (custom && object.kind === kind && this.#served.get(table)?.some((served) => served.apiVersion === object.apiVersion)) {
      return custom.schemas.decode(object, apiVersion);
    }
    const sent = `${object.apiVersion}, Kind=${object.kind}`;
    throw badRequest(`the API version in the data (${sent}) does not match the expected API version (${apiVersion}, Kind=${kind})`);
  }

  /** What is wrong with an object of a custom kind, by the schema of the version in which it was sent; nothing for built-in kinds. */
  schemaErrors(table: Table, object: KubeObject, sentAs: string, old?: KubeObject): readonly FieldError[] {
    return this.#custom.get(table)?.schemas.errors(object, sentAs, old) ?? NONE;
  }

  /** Columns of a custom kind; undefined for the others. */
  printerColumns(table: Table): readonly Column<KubeObject>[] | undefined {
    const custom = this.#custom.get(table);
    return custom && printerColumns(custom.definition, table.kind.apiVersion);
  }

  /** Serves the kinds of a definition; what is served already stays. */
  serve(definition: CustomResourceDefinition): void {
    const versions = customKinds(definition);
    const [kind] = versions;
    if (!kind) return;
    const known = this.#byName.get(`${kind.plural}.${kind.group}`);
    const table = known ?? this.#add(kind);
    this.#served.set(table, versions);
    if (this.#custom.get(table)?.definition.spec !== definition.spec)
      this.#custom.set(table, { definition, schemas: new CustomSchemas(definition) });
  }

  /** Stops serving the kinds of a definition. */
  stopServing(definition: CustomResourceDefinition): void {
    const { group, names } = definition.spec;
    const table = this.#byName.get(`${names.plural}.${group}`);
    if (!table) return;
    this.#byName.delete(`${names.plural}.${group}`);
    if (this.#byName.get(names.plural) === table) this.#byName.delete(names.plural);
    this.#served.delete(table);
    this.#custom.delete(table);
    this.#store.removeTable(table.kind);
  }

  #add(kind: Kind): Table {
    const table = this.#store.addTable(kind);
    this.#byName.set(`${kind.plural}.${kind.group}`, table);
    // A plural that is taken needs its group.
    if (!this.#byName.has(kind.plural)) this.#byName.set(kind.plural, table);
    return table;
  }
}

const NONE: readonly FieldError[] = [];
