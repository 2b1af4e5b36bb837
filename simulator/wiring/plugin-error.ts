/** A plugin that cannot be used: it does not load, has not the shape of a plugin, lacks methods, or refuses its options. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** What to write instead. */
  readonly fix: string | undefined;

  /** @param cause what the plugin's own code threw: its stack says where. */
  constructor(message: string, fix?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fix = fix;
  }
}
