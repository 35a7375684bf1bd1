/** CTL_CODE of an unknown device: METHOD_BUFFERED, any access. Numbers from 0x800 on are the vendor's. */
export const controlCode = (number: number): number => (0x22 << 16) | ((0x800 + number) << 2);
