/**
 * The image configuration (application/vnd.oci.image.config.v1+json, and Docker's, which it grew from): what
 * dockerTools was given, word for word, and what only the builder knows: the layers' diff ids and the history.
 *
 *   { architecture, os, created, config: {Cmd, Env, ...} | null, rootfs: {type: "layers", diff_ids}, history }
 *
 * Of a base image only the environment is inherited (as nixpkgs does), besides its layers and their history.
 * Source: OCI image specification, config.md.
 */

export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly created: string;
  readonly config: ContainerConfig | null;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history: readonly HistoryEntry[];
  readonly [other: string]: unknown;
}

/** Cmd, Entrypoint, Env ("NAME=value"), ExposedPorts, Volumes, WorkingDir, User, Labels, ... */
export interface ContainerConfig {
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly [other: string]: unknown;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly empty_layer?: boolean;
  readonly [other: string]: unknown;
}

/** What the config.json derivation holds. */
export interface BaseConfig {
  readonly architecture: string;
  readonly os: string;
  readonly created: string;
  readonly config: ContainerConfig | null;
  readonly [other: string]: unknown;
}

export function completeConfig(
  own: BaseConfig,
  base: ImageConfig | undefined,
  diffIds: readonly string[],
  history: readonly HistoryEntry[],
): ImageConfig {
  const baseEnv = base?.config?.Env ?? [];
  const env = [...baseEnv, ...(own.config?.Env ?? [])];
  const baseIds = base?.rootfs.diff_ids ?? [];
  return {
    ...own,
    config: env.length > 0 ? { ...own.config, Env: env } : own.config,
    rootfs: { type: 'layers', diff_ids: [...baseIds, ...diffIds] },
    history: [...baseHistory(base, own.created), ...history],
  };
}

/** A base image's own history where it accounts for every layer, else one bare entry a layer: tools count them. */
function baseHistory(base: ImageConfig | undefined, created: string): readonly HistoryEntry[] {
  if (!base) return [];
  const layers = base.rootfs.diff_ids.length;
  const told = (base.history ?? []).filter((entry) => entry.empty_layer !== true).length;
  if (told === layers) return base.history;
  return Array.from({ length: layers }, () => ({ created }));
}
