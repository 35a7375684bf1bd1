/** Kinds of type records that are read. Source: microsoft-pdb, cvinfo.h. */
export const leaf = {
  LF_MODIFIER: 0x1001,
  LF_POINTER: 0x1002,
  LF_PROCEDURE: 0x1008,
  LF_MFUNCTION: 0x1009,
  LF_FIELDLIST: 0x1203,
  LF_BITFIELD: 0x1205,
  LF_BCLASS: 0x1400,
  LF_VBCLASS: 0x1401,
  LF_IVBCLASS: 0x1402,
  LF_INDEX: 0x1404,
  LF_VFUNCTAB: 0x1409,
  LF_ENUMERATE: 0x1502,
  LF_ARRAY: 0x1503,
  LF_CLASS: 0x1504,
  LF_STRUCTURE: 0x1505,
  LF_UNION: 0x1506,
  LF_ENUM: 0x1507,
  LF_MEMBER: 0x150d,
  LF_STMEMBER: 0x150e,
  LF_METHOD: 0x150f,
  LF_NESTTYPE: 0x1510,
  LF_ONEMETHOD: 0x1511,
  LF_INTERFACE: 0x1519,
  LF_FUNC_ID: 0x1601,
  LF_MFUNC_ID: 0x1602,
  LF_STRING_ID: 0x1605,
} as const;

/** Property bit of a structure that is only declared. */
export const forwardReference = 0x80;

/** First index of a record; below it are the basic types. */
export const firstIndex = 0x1000;
