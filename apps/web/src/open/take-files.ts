import type { App } from '../app/app-model.ts';

/** By their names; what they are is decided by their content when they are read. */
const besides = /\.(pdb|pd_|isf|json|json\.gz|json\.xz|isf\.gz|isf\.xz|sys|exe|dll|txt)$/i;

export const acceptedBesides = '.pdb,.pd_,.isf,.json,.gz,.xz,.sys,.exe,.dll,.txt';

/** Takes files that were dropped or chosen: symbols and tables first, then the dump, which is opened with them. */
export async function takeFiles(app: App, files: readonly File[]): Promise<void> {
  const helpers = files.filter(({ name }) => besides.test(name));
  const dump = files.find(({ name }) => !besides.test(name));
  if (helpers.length > 0) await app.give(helpers);
  if (dump !== undefined) await app.open(dump, dump.name);
}
