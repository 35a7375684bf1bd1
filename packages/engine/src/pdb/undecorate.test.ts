import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { undecorate } from './undecorate.ts';

/** Decorated by compilers, shown as the debugger does. */
const names: Readonly<Record<string, string>> = {
  KeBugCheckEx: 'KeBugCheckEx',
  '_KeBugCheckEx@20': 'KeBugCheckEx',
  '@KfLowerIrql@4': 'KfLowerIrql',
  'Scale@@32': 'Scale',
  _strlen: 'strlen',
  __C_specific_handler: '_C_specific_handler',
  '__imp__KfLowerIrql@4': '_imp__KfLowerIrql',
  __imp_KeBugCheckEx: '_imp_KeBugCheckEx',
  _: '_',
  '?Run@@YAXXZ': 'Run',
  '?Run@Engine@Core@@QEAAXHPEAX@Z': 'Core::Engine::Run',
  '??0Engine@Core@@QEAA@XZ': 'Core::Engine::Engine',
  '??1Engine@@UEAA@XZ': 'Engine::~Engine',
  '??4Engine@@QEAAAEAV0@AEBV0@@Z': 'Engine::operator=',
  '??BEngine@@QEBA_NXZ': 'Engine::operator bool',
  '??_7Engine@@6B@': "Engine::`vftable'",
  '??_GEngine@@UEAAPEAXI@Z': "Engine::`scalar deleting destructor'",
  '??_R0?AVEngine@@@8': "Engine `RTTI Type Descriptor'",
  '??_R1A@?0A@EA@Engine@@8': "Engine::`RTTI Base Class Descriptor at (0,-1,0,64)'",
  '??_R4Engine@@6B@': "Engine::`RTTI Complete Object Locator'",
  '??2@YAPEAX_K@Z': 'operator new',
  '??_U@YAPEAX_K@Z': 'operator new[]',
  '?Count@Engine@@2HA': 'Engine::Count',
  '?Run@?A0x12345678@@YAXXZ': "`anonymous namespace'::Run",
  '?At@?$List@H@@QEAAHH@Z': 'List<int>::At',
  '?At@?$Map@PEBDV?$List@_N@@@@QEAAXXZ': 'Map<char const *,List<bool> >::At',
  '?At@?$Fixed@$0BA@$0?0@@QEAAXXZ': 'Fixed<16,-1>::At',
  '??$Make@V?$List@H@@$$QEAH@@YAXXZ': 'Make<List<int>,int &&>',
  '??0?$List@H@@QEAA@XZ': 'List<int>::List<int>',
  '?At@?$Call@P6AHPEAX@Z@@QEAAXXZ': 'Call<int (__cdecl*)(void *)>::At',
  '?At@?$Call@$$A6AXXZ@@QEAAXXZ': 'Call<void __cdecl(void)>::At',
  '?At@?$Own@AEBQEBD@@QEAAXXZ': 'Own<char const * const &>::At',
  '?Once@?1??Run@Engine@@QEAAXXZ@4HA': "`Engine::Run'::`2'::Once",
  '??__EGlobal@@YAXXZ': "`dynamic initializer for 'Global''",
  '??_C@_0P@FNODOBFM@text@': " ?? ::FNODOBFM::`string'",
};

describe('undecorate', () => {
  it.each(Object.entries(names))('%s', (decorated, shown) => {
    expect(undecorate(decorated)).toBe(shown);
  });

  it('PDB-16: leaves what it cannot read as it is', () => {
    for (const name of ['?', '??', '?@', '??$', '?a@@', '?a', '??9', '?a@1', '??_R9', '?a@?$b@', '??@0123@'])
      expect([name, undecorate(name)]).toEqual([name, name === '?a@@' ? 'a' : name]);
  });

  it('PDB-16: ends with a text for any letters', () => {
    const letters = fc.constantFrom(...'?@$_0123456789ABCDEHPQVXYZab');
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 60 }), (tail) => {
        expect(undecorate(`?${tail.join('')}`).length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 2000 },
    );
  });

  it('PDB-16: names that repeat themselves do not grow without end', () => {
    const name = `?a@${'?$b@V'.repeat(40)}c@@${'@@'.repeat(40)}`;
    expect(undecorate(name).length).toBeLessThanOrEqual(4096);
    const long = `?x@${'n'.repeat(200)}@${'1'.repeat(1000)}@YAXXZ`;
    expect(undecorate(long)).toBe(long);
    expect(undecorate(`?${'?$a@'.repeat(5000)}`).length).toBeGreaterThan(0);
  });
});
