/** What a person asked for that cannot be done where the run stands. */
export class NotHere extends Error {
  override readonly name = 'NotHere';
  /** What to do instead. */
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}
