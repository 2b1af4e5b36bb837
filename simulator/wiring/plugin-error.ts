/** A plugin that cannot be used: it does not load, has not the shape of a plugin, lacks methods, or refuses its options. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** What to write instead. */
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}
