// Bundles the `slipway` command into one file: it starts several times faster than from separate modules.
