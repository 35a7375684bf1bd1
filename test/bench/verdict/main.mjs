/** The verdict against the lab's planted faults: `node main.mjs [--seeds N] [--first SEED] ...`; see bench.ts. */
import { runBundled } from '../run-bundled.mjs';

await runBundled('verdict');
