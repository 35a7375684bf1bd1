// The process that computes suspects, which ends when it is asked for the bucket `end`.
import { serveSuspects } from '../dist/fleet/fleet-process.js';

process.prependListener('message', (/** @type {{ bucket?: string }} */ { bucket }) => {
  if (bucket === 'end') process.exit(1);
});
serveSuspects();
