declare module 'seek-bzip' {
  const Bunzip: {
    /** `multistream`: several streams one after the other, as pbzip2 writes them. */
    decode(input: Uint8Array, output: undefined, multistream: boolean): Buffer;
  };
  export = Bunzip;
}
