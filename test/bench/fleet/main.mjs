/** Suspects of fleets against the truth: `node test/bench/fleet/main.mjs [--measure | --fit | --write] ...`; see bench.ts. */
import { runBundled } from '../run-bundled.mjs';

await runBundled('fleet');
