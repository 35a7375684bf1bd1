import type { Area } from '../dumps.ts';

export const area: Area = {
  name: 'source-lines',
  runs: { 'x64-small': ['.lines', '.lines', '.lines -d', '.lines -e', '.lines -t', '.lines -T', '.lines -x', '.lines -e -d'] },
};
