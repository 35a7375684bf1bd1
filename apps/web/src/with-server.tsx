import { writePolicy } from './symbol-server/write-policy.ts';

writePolicy();
// By import(), so that nothing of the page is run, nor even loaded, before its policy stands.
void import('./main.tsx');
