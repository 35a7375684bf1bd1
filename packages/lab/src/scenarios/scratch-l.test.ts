import { it } from 'vitest';
import { officeScenarios } from './office-scenarios.ts';
import { playScenario } from './play-scenario.ts';

it('plays', () => {
  const only = new RegExp(process.env['ONLY'] ?? '.');
  const builds = (process.env['BUILDS'] ?? '9200').split(',').map(Number);
  const seeds = (process.env['SEEDS'] ?? '1,2,3').split(',').map(Number);
  const extra = JSON.parse(process.env['EXTRA'] ?? '{}');
  const mode = process.env['MODE'] ?? 'long';
  const out: string[] = [];
  for (const scenario of officeScenarios) {
    if (!only.test(scenario.name)) continue;
    for (const build of builds)
      for (const seed of seeds) {
        const t = Date.now();
        try {
          const m = playScenario(scenario, { seed, build, ...extra });
          const { kind, culprit, block, victims, damage, freedAddress } = m.truth.scenario!;
          const hex = (x: bigint | number | undefined) => x?.toString(16);
          const who = m.truth.frames
            .filter((f) => f.function && !f.function.startsWith('nt!'))
            .at(0)?.function;
          const top = m.truth.frames.find(
            (f) => f.function && !/nt!(Ke|Ki|Rtl|Psp|_C|Mi|Mm)/.test(f.function),
          )?.function;
          if (mode !== 'quiet')
            out.push(
              `${scenario.name} ${build} ${seed} ${Date.now() - t}ms ${hex(m.bugCheck.code)}/${hex(m.bugCheck.parameters[0])} ${top} ${who} ${kind}`,
            );
          if (mode === 'long')
            out.push(
              [
                kind,
                culprit,
                block &&
                  `${hex(block.address)}+${hex(block.size)} ${block.tag} ${block.pool} ${block.allocator} ${block.state}`,
                victims.map((v) => `${hex(v.address)}+${hex(v.size)} ${v.state}`).join(';'),
                damage &&
                  `${hex(damage.start)}+${hex(damage.length)} ${damage.pattern} ${JSON.stringify(damage.text)}`,
                hex(freedAddress),
              ].join(' '),
            );
        } catch (e) {
          out.push(
            [
              scenario.name,
              build,
              seed,
              'ERROR',
              (e as Error).stack?.split('\n').slice(0, 7).join('\n'),
            ].join(' '),
          );
        }
      }
  }
  console.log(out.join('\n') + '\nDONE');
}, 600000);
