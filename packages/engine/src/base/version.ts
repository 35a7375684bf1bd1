/** Version of poolscope, equal to that of the packages. */
export const version = '0.1.0';
