import { builtInPlugins, DEFAULTS } from '../wiring/catalog.ts';
import { EXIT } from './exit-codes.ts';
import { table } from './output/table.ts';

/** Characters of a type that stands in a column of its own; else it stands with what the option means. */
const LONGEST_TYPE = 45;

interface OptionLine {
  readonly name: string;
  readonly type: string;
  readonly default?: unknown;
  readonly description?: string;
}

/** `slipway plugins`: every interface, its implementations and their options. */
export async function plugins(options: { readonly json?: boolean }): Promise<number> {
  const { toJSONSchema } = await import('zod');
  const list = builtInPlugins().map((plugin) => ({
    interface: plugin.interface,
    name: plugin.name,
    default: DEFAULTS[plugin.interface].includes(plugin.name),
    description: plugin.description ?? '',
    options: plugin.options
      ? optionLines(toJSONSchema(plugin.options as never, { io: 'input', unrepresentable: 'any' }) as JsonSchema)
      : [],
    latency: plugin.latency ?? {},
  }));
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ plugins: list })}\n`);
    return EXIT.held;
  }
  const rows = list.map((plugin) => [plugin.interface, `${plugin.name}${plugin.default ? ' (default)' : ''}`, plugin.description]);
  process.stdout.write(`${table(['interface', 'plugin', 'what it is'], rows)}\n`);
  for (const plugin of list) {
    if (plugin.options.length === 0) continue;
    process.stdout.write(`\noptions of ${plugin.interface}/${plugin.name}: --set plugins.${plugin.interface}.with.OPTION=VALUE\n`);
    const lines = plugin.options.map(({ name, type, default: usual, description = '' }) => {
      const long = type.length > LONGEST_TYPE;
      const meaning = long ? `${description === '' ? '' : `${description}; `}${type}` : description;
      return [name, long ? 'one of these' : type, usual === undefined ? '' : JSON.stringify(usual), meaning];
    });
    process.stdout.write(`${table(['option', 'type', 'default', 'meaning'], lines)}\n`);
  }
  process.stdout.write('\nA plugin of your own: --set plugins.cni=./my-cni.ts\n');
  return EXIT.held;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly const?: unknown;
  readonly format?: string;
  readonly default?: unknown;
  readonly description?: string;
}

function optionLines({ properties = {} }: JsonSchema): OptionLine[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeText(schema),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(schema.description === undefined ? {} : { description: schema.description }),
  }));
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' | ');
  if (schema.type === 'array') return `list of ${schema.items ? typeText(schema.items) : 'values'}`;
  return schema.format ?? schema.type ?? 'any';
}
