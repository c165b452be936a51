/** No compression. */
import type { Codec } from './codec.ts';

export const noneCodec: Codec = {
  name: 'none',
  extension: '',
  version: 'none1',
  head: new Uint8Array(0),
  openingSize: 0,
  pack: (raw) => raw,
  tail: () => new Uint8Array(0),
};
