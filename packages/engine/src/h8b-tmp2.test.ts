import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'vitest';
import { BufferSource, openSession, lineText } from './index.ts';
test('x', async () => {
  const dir='/work/shared/dumps/';
  const files=readdirSync(dir).filter(f=>f.endsWith('.dmp')).map(f=>dir+f).concat([dir+'notmyfault_4a/083125-14875-01.dmp']);
  const cmds=process.env.H8B!.split('|');
  for (const f of files) {
    let s; try { s=await openSession(new BufferSource(readFileSync(f)),{path:f}); } catch { continue; }
    process.stdout.write('##### '+f.slice(18)+' '+s.system.machine+' '+s.system.target.dump.header.build+'\n');
    for(const c of cmds){ try{ const r=s.execute(c); process.stdout.write('kd> '+c+'\n'+r.lines.map(lineText).slice(0,Number(process.env.H8BN??6)).join('\n')+'\n'); }catch(e:any){ process.stdout.write('kd> '+c+'\n'+(e.code??'CRASH')+': '+e.message+(e.code?'':e.stack)+'\n'); } }
  }
},60000);
