#!/usr/bin/env node
import { main } from '../simulator/dist/bundle/main.js';

process.exitCode = await main(process.argv.slice(2));
