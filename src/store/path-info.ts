/** What the store records of a valid path (a row of Nix's ValidPaths table, and its Refs). */
export interface PathInfo {
  /** /nix/store/<hash>-<name> */
  readonly path: string;
  /** SHA-256 of the NAR serialisation. */
  readonly narHash: Uint8Array;
  /** Bytes of the NAR serialisation. */
  readonly narSize: number;
  /** Store paths, itself included where it refers to itself; in byte order. */
  readonly references: readonly string[];
  readonly deriver: string | undefined;
  /** Seconds since 1970. */
  readonly registrationTime: number;
  /** Built here and therefore trusted. */
  readonly ultimate: boolean;
  readonly signatures: readonly string[];
  /** Content address, e.g. fixed:r:sha256:<nix32>, text:sha256:<nix32>. */
  readonly ca: string | undefined;
}
