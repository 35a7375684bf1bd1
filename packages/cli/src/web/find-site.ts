import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** In the package that is installed, and in a clone: the same from the sources, the compiled files and the bundle. */
const sites = ['../site', '../../../../apps/web/dist/site'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** The folder of the page; undefined where it is not built. */
export const findSite = (): string | undefined => sites.find((folder) => existsSync(`${folder}/index.html`));
