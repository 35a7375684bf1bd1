/** How the user starts this program: through npm in a clone, by name where it is installed. */
export const programName = process.env['npm_command'] === undefined ? 'poolscope' : 'npx poolscope';
