#!/usr/bin/env node
import { main } from '../dist/bundle/main.js';

// Whoever reads our output may have read enough: `slipway … | head`.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2));
