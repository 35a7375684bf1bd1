import type { Area } from '../dumps.ts';

/** Every command of the article about pool corruption, in its order, on machines that ran into its crashes. */
export const area: Area = {
  name: 'article',
  symbols: true,
  runs: {
    'article-1': [
      '!pool fffffa8003f42000',
      '!analyze -v',
      '.cxr 0xfffff88004763560',
      'ub .',
      'dq fffffa8001a1b820 l1',
      '!pool fffffa8001a1b820',
      'dq fffffa8001a1b000 + 810',
      '!for_each_module s -a @#Base @#End "None"',
      'u fffff800`92411bc2-1',
    ],
    'article-2': [
      '!analyze -v',
      'k',
      '!pool fffff9800b5ff000',
      '!pte fffff9800b5ff000',
      '!pool fffff9800b5ff000-1000',
    ],
    'article-3-plain': ['!analyze -v'],
    'article-3-driver': ['!analyze -v', 'kn', 'dd fffff9800a7fe7f0', '!pte fffff9800a7fe7f0'],
    'article-3': ['.frame /r 9'],
  },
};
