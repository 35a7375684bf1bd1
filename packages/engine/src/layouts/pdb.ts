import { bytes, layout, u8, u16, u32 } from './layout.ts';

/** First bytes of a program database: a file of pages, in streams. Source: microsoft-pdb, msf.cpp. */
export const MSF_HDR = layout('MSF_HDR', 0x38, {
  szMagic: bytes(0x00, 32),
  cbPg: u32(0x20),
  pnFpm: u32(0x24),
  pnMac: u32(0x28),
  cbDir: u32(0x2c),
  pnMap: u32(0x34),
});

/** Start of stream 1: what identifies the file. Source: microsoft-pdb, pdb.cpp; LLVM's PdbStream page. */
export const PDBStream70 = layout('PDBStream70', 0x1c, {
  impv: u32(0x00),
  sig: u32(0x04),
  age: u32(0x08),
  sig70: bytes(0x0c, 16),
});

/** Start of stream 3. Source: microsoft-pdb, dbi.h. */
export const NewDBIHdr = layout('NewDBIHdr', 0x40, {
  verSignature: u32(0x00),
  verHdr: u32(0x04),
  age: u32(0x08),
  snGSSyms: u16(0x0c),
  usVerAll: u16(0x0e),
  snPSSyms: u16(0x10),
  usVerPdbDllBuild: u16(0x12),
  snSymRecs: u16(0x14),
  usVerPdbDllRBld: u16(0x16),
  cbGpModi: u32(0x18),
  cbSC: u32(0x1c),
  cbSecMap: u32(0x20),
  cbFileInfo: u32(0x24),
  cbTSMap: u32(0x28),
  iMFC: u32(0x2c),
  cbDbgHdr: u32(0x30),
  cbECInfo: u32(0x34),
  flags: u16(0x38),
  wMachine: u16(0x3a),
});

/** Fixed part of one module's record in stream 3; two NUL-terminated names follow. Source: microsoft-pdb, dbi.h. */
export const MODI = layout('MODI_60_Persist', 0x40, {
  isect: u16(0x04),
  off: u32(0x08),
  cb: u32(0x0c),
  dwCharacteristics: u32(0x10),
  imod: u16(0x14),
  flags: u16(0x20),
  sn: u16(0x22),
  cbSyms: u32(0x24),
  cbLines: u32(0x28),
  cbC13Lines: u32(0x2c),
  ifileMac: u16(0x30),
});

/** One section contribution: which module a range of a section came from. Source: microsoft-pdb, dbicommon.h. */
export const SC = layout('SC', 0x1c, {
  isect: u16(0x00),
  off: u32(0x04),
  cb: u32(0x08),
  dwCharacteristics: u32(0x0c),
  imod: u16(0x10),
  dwDataCrc: u32(0x14),
  dwRelocCrc: u32(0x18),
});

/** Start of the stream of public symbols, before its hash table. Source: microsoft-pdb, gsi.h. */
export const PSGSIHDR = layout('PSGSIHDR', 0x1c, {
  cbSymHash: u32(0x00),
  cbAddrMap: u32(0x04),
  nThunks: u32(0x08),
  cbSizeOfThunk: u32(0x0c),
  isectThunkTable: u16(0x10),
  offThunkTable: u32(0x14),
  nSects: u32(0x18),
});

/** Start of a hash table of symbols. Source: microsoft-pdb, gsi.h. */
export const GSIHashHdr = layout('GSIHashHdr', 0x10, {
  verSignature: u32(0x00),
  verHdr: u32(0x04),
  cbHr: u32(0x08),
  cbBuckets: u32(0x0c),
});

/** A public symbol, behind the length and kind of its record; the name follows. Source: cvinfo.h. */
export const PUBSYM32 = layout('PUBSYM32', 0x0e, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  pubsymflags: u32(0x04),
  off: u32(0x08),
  seg: u16(0x0c),
});

/** A procedure, behind the length and kind of its record; the name follows. Source: cvinfo.h. */
export const PROCSYM32 = layout('PROCSYM32', 0x27, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  pParent: u32(0x04),
  pEnd: u32(0x08),
  pNext: u32(0x0c),
  len: u32(0x10),
  DbgStart: u32(0x14),
  DbgEnd: u32(0x18),
  typind: u32(0x1c),
  off: u32(0x20),
  seg: u16(0x24),
  flags: u8(0x26),
});

/** Code of a procedure that the compiler moved away from the rest of it. Source: cvinfo.h. */
export const SEPCODESYM = layout('SEPCODESYM', 0x20, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  pParent: u32(0x04),
  pEnd: u32(0x08),
  length: u32(0x0c),
  scf: u32(0x10),
  off: u32(0x14),
  offParent: u32(0x18),
  sect: u16(0x1c),
  sectParent: u16(0x1e),
});

/** A piece of code that goes on elsewhere; the name follows. Source: cvinfo.h. */
export const THUNKSYM32 = layout('THUNKSYM32', 0x19, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  pParent: u32(0x04),
  pEnd: u32(0x08),
  pNext: u32(0x0c),
  off: u32(0x10),
  seg: u16(0x14),
  len: u16(0x16),
  ord: u8(0x18),
});

/** A jump of an incrementally linked program. Source: cvinfo.h. */
export const TRAMPOLINESYM = layout('TRAMPOLINESYM', 0x14, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  trampType: u16(0x04),
  cbThunk: u16(0x06),
  offThunk: u32(0x08),
  offTarget: u32(0x0c),
  sectThunk: u16(0x10),
  sectTarget: u16(0x12),
});

/** A variable, behind the length and kind of its record; the name follows. Source: cvinfo.h. */
export const DATASYM32 = layout('DATASYM32', 0x0e, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  typind: u32(0x04),
  off: u32(0x08),
  seg: u16(0x0c),
});

/** Where the record of a procedure is; the name follows. Source: cvinfo.h. */
export const REFSYM2 = layout('REFSYM2', 0x0e, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  sumName: u32(0x04),
  ibSym: u32(0x08),
  imod: u16(0x0c),
});

/** A function that was inlined into a procedure; compressed operations follow. Source: cvinfo.h. */
export const INLINESITESYM = layout('INLINESITESYM', 0x10, {
  reclen: u16(0x00),
  rectyp: u16(0x02),
  pParent: u32(0x04),
  pEnd: u32(0x08),
  inlinee: u32(0x0c),
});

/** How a function of x86 uses its stack, where it keeps no frame pointer. Source: winnt.h. */
export const FPO_DATA = layout('FPO_DATA', 0x10, {
  ulOffStart: u32(0x00),
  cbProcSize: u32(0x04),
  cdwLocals: u32(0x08),
  cdwParams: u16(0x0c),
  cbProlog: u8(0x0e),
  flags: u8(0x0f),
});

/** The same with a program that finds the caller's registers. Source: microsoft-pdb, cvinfo.h. */
export const FRAMEDATA = layout('FRAMEDATA', 0x20, {
  ulRvaStart: u32(0x00),
  cbBlock: u32(0x04),
  cbLocals: u32(0x08),
  cbParams: u32(0x0c),
  cbStkMax: u32(0x10),
  frameFunc: u32(0x14),
  cbProlog: u16(0x18),
  cbSavedRegs: u16(0x1a),
  flags: u32(0x1c),
});

/** Start of a stream of types (TPI) or of items (IPI). Source: microsoft-pdb, tpi.h. */
export const TPIHDR = layout('HDR', 0x38, {
  vers: u32(0x00),
  cbHdr: u32(0x04),
  tiMin: u32(0x08),
  tiMac: u32(0x0c),
  cbGprec: u32(0x10),
  sn: u16(0x14),
  snPad: u16(0x16),
  cbHashKey: u32(0x18),
  cHashBuckets: u32(0x1c),
  offHashVals: u32(0x20),
  cbHashVals: u32(0x24),
  offTiOff: u32(0x28),
  cbTiOff: u32(0x2c),
  offHashAdj: u32(0x30),
  cbHashAdj: u32(0x34),
});
