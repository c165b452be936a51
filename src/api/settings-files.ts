/** Where settings come from on this machine: nix.conf of system and user, and the environment. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { splitNixPath } from './search-path.ts';
import { applyConfig, defaultSettings, type Settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings before any flag; `warn` gets what is odd about the files. */
export function readSettings(env: Environment, warn: (text: string) => void): Settings {
  const settings = defaultSettings(currentSystem());
  settings['abort-on-warn'] = ['1', 'yes', 'true'].includes(env.NIX_ABORT_ON_WARN ?? '');
  for (const file of configFiles(env)) {
    const text = readText(file);
    if (text === undefined) continue;
    const read = (path: string) => readText(resolve(dirname(file), path));
    for (const warning of applyConfig(settings, text, file, read)) warn(warning);
  }
  // Distributions switch C++ Nix's sandbox off in its configuration, for reasons (a daemon, setuid) that do not apply here.
  // Ours is only off where somebody says so to us.
  settings.sandbox = true;
  if (env.NIX_CONFIG !== undefined)
    for (const warning of applyConfig(settings, env.NIX_CONFIG, 'NIX_CONFIG', readText)) warn(warning);
  if (env.NIX_PATH !== undefined) settings['nix-path'] = splitNixPath(env.NIX_PATH);
  if (env.NIXLET_DEBIAN_MIRROR) settings['debian-mirror'] = env.NIXLET_DEBIAN_MIRROR.split(/\s+/).filter(Boolean);
  return settings;
}

/** Least binding first. */
function configFiles(env: Environment): string[] {
  const system = join(env.NIX_CONF_DIR ?? '/etc/nix', 'nix.conf');
  if (env.NIX_USER_CONF_FILES !== undefined)
    return [system, ...env.NIX_USER_CONF_FILES.split(':').filter(Boolean).reverse()];
  const home = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, '.config') : undefined);
  const shared = (env.XDG_CONFIG_DIRS ?? '/etc/xdg').split(':').filter(Boolean).reverse();
  return [system, ...[...shared, ...(home ? [home] : [])].map((directory) => join(directory, 'nix', 'nix.conf'))];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const cpus: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ia32: 'i686',
  arm: 'armv7l',
  riscv64: 'riscv64',
  ppc64: 'powerpc64le',
};

/**
 * The system to build for. Images and programs of the embedded set are Linux ones wherever nixlet runs, so that is what
 * every host means, with its own processor.
 */
export function currentSystem(architecture: string = process.arch): string {
  return `${cpus[architecture] ?? architecture}-linux`;
}
