/** In blocks the offset from a name has no prefix: `nt!KeBugCheckEx+10`. */
export const shortOffset = (symbol: string): string => symbol.replace(/\+0x(?=[0-9a-f]+$)/, '+');
