/** `exit`: ends the shell. */
export class ExitJump {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** `return`: ends a function, or a script that was read with `.`. */
export class ReturnJump {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** `break` and `continue`: through this many loops. */
export class LoopJump {
  readonly kind: 'break' | 'continue';
  readonly levels: number;
  constructor(kind: 'break' | 'continue', levels: number) {
    this.kind = kind;
    this.levels = levels;
  }
}
