import type { LogDeed } from '../../protocol/views.ts';

/**
 * Whether a record of the verifier's log is an allocation or a free, by the names of the functions of nt that begin its stack: both are
 * recorded alike. Undefined where none of them tells. Source: records of Microsoft's pages on `!verifier 80`.
 */
export function deedOf(names: readonly (string | undefined)[]): LogDeed | undefined {
  for (const name of names) {
    // A frame without a name may be of nt too; one of another module is the caller.
    if (name === undefined) continue;
    if (!/^nt[!+]/.test(name)) return undefined;
    const told = /^nt!(?:Verifier|Ve|Vf|Vi|Ex|Mi?|Mm|Rtlp?|Exp)\w*?(Alloc|Free)/.exec(name)?.[1];
    if (told !== undefined) return told === 'Free' ? 'free' : 'allocation';
  }
  return undefined;
}
