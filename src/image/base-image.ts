/** A base image (`fromImage`) as the lower layers of a new one, and the names that they put into the file system. */
import { NixError } from '../errors/nix-error.ts';
import type { Codec } from './codec/codec.ts';
import type { ArchivedImage } from './docker-archive-reader.ts';
import { buildLayer, type Layer } from './layer.ts';
import type { SegmentStore } from './segment.ts';
import { indexTar } from './tar-index.ts';
import { applyWhiteout } from './whiteouts.ts';

export interface BaseLayers {
  readonly layers: readonly Layer[];
  readonly names: ReadonlySet<string>;
}

/** `identity` names the archive's content; it goes into the keys of its segments. */
export async function baseLayers(
  image: ArchivedImage,
  identity: readonly string[],
  codec: Codec,
  store: SegmentStore,
): Promise<BaseLayers> {
  const layers: Layer[] = [];
  const names = new Set<string>();
  for (const archived of image.layers) {
    const key = ['base-layer', ...identity, archived.name];
    const layer = await buildLayer([{ key, raw: () => archived.raw() }], codec, store, true);
    if (layer.diffId !== archived.diffId)
      throw new NixError(
        `layer '${archived.name}' of the base image has the digest ${layer.diffId}, but its configuration says ${archived.diffId}`,
        { class: 'BuildError', hint: 'The base image is damaged; fetch it again.' },
      );
    layers.push(layer);
    applyNames(names, (await indexTar(archived.raw(), archived.name)).members.keys());
  }
  return { layers, names };
}

/** Adds a layer's names to those below it; whiteouts take names away. */
export function applyNames(names: Set<string>, layer: Iterable<string>): void {
  const added = [...layer].filter((name) => name !== '' && !applyWhiteout(names, name));
  for (const name of added) names.add(name);
}
