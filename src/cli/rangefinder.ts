#!/usr/bin/env node
import { main } from './main';

// Engines may hold handles open; the work is done when main says so.
process.exit(await main(process.argv.slice(2)));
