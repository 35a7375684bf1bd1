import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { BufferSource, openSession, lineText } from './index.ts';
import { buildMachine, dumpBytes } from '@poolscope/lab';
test('x', async () => {
  const spec=(process.env.H8B??'').split('|');
  const [src,...cmds]=spec;
  const bytes= src!.startsWith('/')? readFileSync(src!) : dumpBytes(buildMachine({architecture:(src!.split(',')[0]) as any}),{type:src!.split(',')[1] as any});
  const s=await openSession(new BufferSource(bytes),{path:'x'});
  const out:string[]=[];
  for(const c of cmds){ out.push('kd> '+c); try{ const r=s.execute(c); out.push(...r.lines.map(lineText).map(l=>l.trimEnd())); if(process.env.H8BD) out.push(JSON.stringify(r.data,(k,v)=>typeof v==='bigint'?'0x'+v.toString(16):v)); }catch(e:any){ out.push((e.code??'CRASH')+': '+e.message+(e.code?'':e.stack)); } }
  process.stdout.write(out.join('\n')+'\n');
},60000);
