export { DriverVerifier, type DriverVerifierOptions, type VerifierCaller } from './driver-verifier.ts';
export { irqlLogLength } from './irql-log.ts';
export { poolLogLength } from './pool-log.ts';
export {
  isVerified,
  type VerifierAnswer,
  type VerifierSettings,
  verifierCommand,
  verifierFlags,
  verifierOff,
} from './settings.ts';
