/** Modules that report crashes of others: the kernel, the HAL, and the part of Driver Verifier that has an image of its own. */
const reporters = new Set(['nt', 'hal', 'verifierext']);

export const isReporter = (module: string): boolean => reporters.has(module.toLowerCase());
