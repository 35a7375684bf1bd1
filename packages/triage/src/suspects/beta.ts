/** ln Γ(x) for x > 0, by Lanczos' approximation (g = 7, nine terms): better than 1e-13. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const at = x - 1;
  const sum = lanczos.reduce((all, term, index) => all + (index === 0 ? term : term / (at + index)), 0);
  const base = at + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(base) - base + Math.log(sum);
}

const lanczos = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_1, 9.984_369_578_019_57e-6,
  1.505_632_735_149_311_6e-7,
];

/** ψ'(x), the variance of the logarithm of a Gamma variable, for x > 0: recurrence, then the asymptotic series. */
export function trigamma(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < 8; at++) sum += 1 / (at * at);
  const inverse = 1 / (at * at);
  return (
    sum +
    1 / at +
    inverse / 2 +
    (inverse / at) * (1 / 6 - inverse * (1 / 30 - inverse * (1 / 42 - inverse / 30)))
  );
}

/** ψ(x) for x > 0. */
export function digamma(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < 8; at++) sum -= 1 / at;
  const inverse = 1 / (at * at);
  return sum + Math.log(at) - 0.5 / at - inverse * (1 / 12 - inverse * (1 / 120 - inverse / 252));
}

/** Parameters of a Beta distribution. */
export interface Beta {
  readonly a: number;
  readonly b: number;
}

/** Shares that the drivers of a fleet have are drawn from a Beta distribution with these limits on its weight. */
const [leastWeight, mostWeight] = [1, 20];

/**
 * The Beta distribution that shares were drawn from, by the method of moments: the prior of parametric empirical Bayes (Morris,
 * 1983). `total` is what each share was counted out of: the variance that counting alone makes is taken off.
 */
export function fitBeta(shares: readonly number[], total: number): Beta {
  const count = shares.length;
  if (count < 2 || total < 1) return { a: 0.5, b: 0.5 };
  const mean = shares.reduce((sum, each) => sum + each, 0) / count;
  const centre = Math.min(0.98, Math.max(0.02, mean));
  const variance = shares.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
  const spread = Math.max(1e-4, variance - (centre * (1 - centre)) / total);
  const weight = Math.min(mostWeight, Math.max(leastWeight, (centre * (1 - centre)) / spread - 1));
  return { a: centre * weight, b: (1 - centre) * weight };
}
