import { gunzipSync } from 'node:zlib';

/** writeSamplePdb() of packages/engine/test/pdb-writer, which plain node cannot load; a test compares them. */
const packed =
  'H4sIAAAAAAACA+2aQU8TQRSAv9mWAqWt2wJVK2pjMCFBC+hBDyYsARoIFEWIQWPEitVUoZB2iR57Mp48+WOMZ0/+Bs/eDMEYj9TM' +
  '7FBWUhKMCimdL2lmuvNmNn1v3sybN80VV8rrlfVnbnp8aHxwMJ1byKZvZIaHo+HUxAKABQJIAm/x6MVgMBgMzc77zIj49kgt89jx' +
  'RHdPb/L0mbOpc33nL1xsB4ZK+bVCRW0BHXhbgfB1b9Pll/nrwiizCen6PCJuyooNIRuqQK1WqwVVGTiwXxjLDtgQQRCmLbEJBIJw' +
  'iUAi2htQ40F2tVh6ifwubDmBsqv55xVStKkQwrL3xrNZnl6czBEjkLCkPNliueKSpF3JukDQhuWZ6bkJY7Z/hrT1q84RoR38nfT5' +
  'ELAI3Gogn6zXnr453Bs6le0kdxq0ruWLpcz6kxd7Fbj6MbMtvCmJA6Thsb+PbKvqBWl/W1j9oi4iRFWtVotxypj5UP4v/bH/kP4f' +
  'o01NhYWN/EoBSCCSaH+eLpUKZaPapmBna2drd3P3fHDFKKWFSBCLW3qtFdzedAtlMvqZXGgFo3c3S85ofy6/4UzdG+2fLVZcZ8px' +
  'HGd+cmxsaemBHONyXIoHfWMkiMbdev5gIu/mja6bho4/E4/ossdorum4Yh1sbhkHpDqHtuXaELG8vJ9ocAg8emxjuCMmYlRwYs9/' +
  'fh+/r3178th93PB/EL/t8TJmy2Cr+G1WSzj7Si821IGdihlzSn5KPpc5oI4gFnNxixAXuKbaNnxhRLU+hkDK/PAlEyXfvXP87nvq' +
  '7xW+mKIdqj99K7/QlYAx6F9vpY7RQkvb34RTxv6G1iTjFl67/nlg66DAx/4cu+Fk+X+6cYRoMP5v/L8Ftn/JDPAB+Ao8BPqAVXln' +
  'a3k5wk9atkN/BvSZbUCfwYL6zyAh76ymZMLq9tfLHXUBUXVviLqPlWPF1VkSuo0Zjg2Ts29tfgFTi74IACwAAA==';

export const pdbSeed = () => Uint8Array.from(gunzipSync(Buffer.from(packed, 'base64')));
