import './symbol-server/write-policy.ts';

// By import(), so that nothing of the page is run, nor even loaded, before its policy stands.
void import('./main.tsx');
