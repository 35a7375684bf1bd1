import { z } from 'zod';
import { outlineOfReport, partOfReport } from './report-schema.ts';
import { dumpTool } from './tool.ts';

const redact = z
  .boolean()
  .default(false)
  .describe('leave out what can identify a person or machine: names, paths, text out of memory');

export const analyze = dumpTool({
  name: 'analyze',
  title: 'Analyze the crash',
  description:
    'The whole report: what happened to which pool block, who may have done it with reasons, the evidence with commands that show it, the stack, the modules, and what the dump lacks. Long; summarize is the short form.',
  input: z.object({ redact }),
  output: outlineOfReport,
  // oxlint-disable-next-line eslint/require-yield -- The analysis is one step.
  *work(session, input) {
    return session.analyze(input).report;
  },
});

/** Frames of the stack in the short form. */
const someFrames = 12;

export const summarize = dumpTool({
  name: 'summarize',
  title: 'Say what happened, in short',
  description:
    'Bug check, fault, verdict with block, tag, suspects and evidence, the first frames of the stack, and what is missing. The verdict names nobody without a reason; unknown means that the dump does not tell.',
  input: z.object({ redact }),
  output: partOfReport('dump', 'bugcheck', 'fault', 'stack', 'verdict', 'signature', 'missing'),
  // oxlint-disable-next-line eslint/require-yield -- The analysis is one step.
  *work(session, input) {
    const { dump, bugcheck, fault, stack, verdict, signature, missing } = session.analyze(input).report;
    return { dump, bugcheck, fault, stack: stack.slice(0, someFrames), verdict, signature, missing };
  },
});
