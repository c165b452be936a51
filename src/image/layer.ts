/**
 * A layer: one tar stream, digested while its segments are packed or found. Its diff id is the SHA-256 of the bare tar;
 * how it is compressed is decided where it is written.
 */
import { createHash } from 'node:crypto';
import type { Codec } from './codec/codec.ts';
import { memorySegment, type RawSource, type Segment, type SegmentStore } from './segment.ts';
import { END_OF_ARCHIVE } from './tar.ts';

/** A run of whole archive members. */
export interface LayerPart {
  /** What the bytes depend on, all of it; without a key the part is packed each time. */
  readonly key?: readonly string[] | undefined;
  readonly raw: RawSource;
}

export interface Layer {
  /** sha256:<hex> of the tar stream. */
  readonly diffId: string;
  readonly rawSize: number;
  /** In order; joined they are the tar stream. */
  readonly segments: readonly Segment[];
}

/** The layer that consists of these parts. `complete`: the last part brings the end of the archive itself. */
export async function buildLayer(
  parts: Iterable<LayerPart>,
  codec: Codec,
  store: SegmentStore,
  complete = false,
): Promise<Layer> {
  const hash = createHash('sha256');
  const segments: Segment[] = [];
  for (const { key, raw } of parts) segments.push(await store.segment(key, codec, raw, (chunk) => hash.update(chunk)));
  if (!complete) {
    hash.update(END_OF_ARCHIVE);
    segments.push(await memorySegment(codec, END_OF_ARCHIVE));
  }
  const rawSize = segments.reduce((sum, segment) => sum + segment.rawSize, 0);
  return { diffId: `sha256:${hash.digest('hex')}`, rawSize, segments };
}
