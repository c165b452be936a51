/**
 * Settings, under Nix's names, from least to most binding: nix.conf of the system and of the user, NIX_CONFIG, --option
 * and the flags that stand for a setting. One table says of each which type it has and what it is by default; a name that
 * C++ Nix has and that means nothing here is accepted silently, a name that nobody knows is warned about, as in Nix.
 * Source: Nix manual, "nix.conf".
 */
import { NixError } from '../errors/nix-error.ts';
import type { LintLevel } from '../syntax/lower/lints.ts';

export interface Settings {
  system: string;
  /** What builtins.currentSystem is, where it is not `system`. */
  'eval-system': string;
  /** Directory that holds nix/store; empty: the default (see store/local/layout.ts). */
  store: string;
  'pure-eval': boolean;
  'restrict-eval': boolean;
  'allowed-uris': string[];
  'allow-import-from-derivation': boolean;
  'experimental-features': string[];
  'trace-verbose': boolean;
  'allow-dirty': boolean;
  'warn-dirty': boolean;
  'trace-import-from-derivation': boolean;
  'abort-on-warn': boolean;
  'show-trace': boolean;
  'max-call-depth': number;
  'nix-path': string[];
  'use-xdg-base-directories': boolean;
  'max-jobs': number | 'auto';
  cores: number;
  'keep-failed': boolean;
  'keep-going': boolean;
  fallback: boolean;
  substitute: boolean;
  substituters: string[];
  'trusted-public-keys': string[];
  'require-sigs': boolean;
  timeout: number;
  'max-silent-time': number;
  'log-lines': number;
  'tarball-ttl': number;
  sandbox: boolean;
  'eval-cache': boolean;
  'flake-registry': string;
  'use-registries': boolean;
  'lint-url-literals': LintLevel;
  'lint-absolute-path-literals': LintLevel;
  'lint-short-path-literals': LintLevel;
  /** nixlet's own: where .deb files come from; empty: the machine's APT configuration. */
  'debian-mirror': string[];
}

type Kind = 'string' | 'boolean' | 'number' | 'jobs' | 'words' | 'lint';

export const settingKinds: Readonly<Record<keyof Settings, Kind>> = {
  system: 'string',
  'eval-system': 'string',
  store: 'string',
  'pure-eval': 'boolean',
  'restrict-eval': 'boolean',
  'allowed-uris': 'words',
  'allow-import-from-derivation': 'boolean',
  'experimental-features': 'words',
  'trace-verbose': 'boolean',
  'allow-dirty': 'boolean',
  'warn-dirty': 'boolean',
  'trace-import-from-derivation': 'boolean',
  'abort-on-warn': 'boolean',
  'show-trace': 'boolean',
  'max-call-depth': 'number',
  'nix-path': 'words',
  'use-xdg-base-directories': 'boolean',
  'max-jobs': 'jobs',
  cores: 'number',
  'keep-failed': 'boolean',
  'keep-going': 'boolean',
  fallback: 'boolean',
  substitute: 'boolean',
  substituters: 'words',
  'trusted-public-keys': 'words',
  'require-sigs': 'boolean',
  timeout: 'number',
  'max-silent-time': 'number',
  'log-lines': 'number',
  'tarball-ttl': 'number',
  sandbox: 'boolean',
  'eval-cache': 'boolean',
  'flake-registry': 'string',
  'use-registries': 'boolean',
  'lint-url-literals': 'lint',
  'lint-absolute-path-literals': 'lint',
  'lint-short-path-literals': 'lint',
  'debian-mirror': 'words',
};

/** Settings of C++ Nix that change nothing here; taken without a word so that a shared nix.conf works. */
const ignored = new Set(
  (
    'accept-flake-config access-tokens allow-dirty-locks eval-attrset-update-layer-rhs-threshold filetransfer-retry-attempts ' +
    'filetransfer-retry-delay filetransfer-retry-delay-rate-limited filetransfer-retry-jitter filetransfer-retry-max-delay http3 ' +
    'narinfo-cache-meta-ttl nix-shell-always-looks-for-shell-nix nix-shell-shebang-arguments-relative-to-script ' +
    'trust-tarballs-from-git-forges allow-new-privileges allow-symlinked-store allow-unsafe-native-code-during-evaluation allowed-impure-host-deps ' +
    'allowed-users always-allow-substitutes auto-allocate-uids auto-optimise-store bash-prompt bash-prompt-prefix bash-prompt-suffix ' +
    'build-dir build-hook build-poll-interval build-users-group builders builders-use-substitutes commit-lock-file-summary ' +
    'compress-build-log connect-timeout cpu-authority debugger-on-trace debugger-on-warn diff-hook download-attempts ' +
    'download-buffer-size download-speed eval-cores eval-profile-file eval-profiler eval-profiler-frequency ' +
    'extra-platforms filter-syscalls fsync-metadata fsync-store-paths gc-reserved-space hashed-mirrors http-connections ' +
    'http2 id-count ignore-try ignored-acls impersonate-linux-26 impure-env json-log-path keep-build-log keep-derivations keep-env-derivations ' +
    'keep-outputs log-format max-build-log-size max-free ' +
    'max-substitution-jobs min-free min-free-check-interval nar-buffer-size narinfo-cache-negative-ttl narinfo-cache-positive-ttl ' +
    'netrc-file parse-toml-timestamps plugin-files post-build-hook pre-build-hook preallocate-contents print-missing ' +
    'reject-flake-config repl-overlays require-drop-supplementary-groups require-sigs run-diff-hook sandbox-build-dir ' +
    'sandbox-dev-shm-size sandbox-fallback sandbox-paths secret-key-files show-trace ssl-cert-file stalled-download-timeout ' +
    'start-id sync-before-registering system-features trace-function-calls ' +
    'trusted-public-keys trusted-substituters trusted-users upgrade-nix-store-path-url use-case-hack use-cgroups ' +
    'use-sqlite-wal user-agent-suffix warn-large-path-threshold'
  ).split(' '),
);

/** Settings that an experimental feature brings along. */
const featureOfSetting: Readonly<Record<string, string>> = {
  'accept-flake-config': 'flakes',
  'allow-dirty-locks': 'flakes',
  'auto-allocate-uids': 'auto-allocate-uids',
  'commit-lock-file-summary': 'flakes',
  'flake-registry': 'flakes',
  'impure-env': 'configurable-impure-env',
  'use-registries': 'flakes',
};

/** Older names. */
export const settingAliases: Readonly<Record<string, string>> = {
  'build-max-jobs': 'max-jobs',
  'build-cores': 'cores',
  'build-timeout': 'timeout',
  'build-max-silent-time': 'max-silent-time',
  'build-keep-failed': 'keep-failed',
  'build-fallback': 'fallback',
  'build-use-sandbox': 'sandbox',
  'build-use-chroot': 'sandbox',
  'binary-caches': 'substituters',
};

export function defaultSettings(system: string): Settings {
  return {
    system,
    'eval-system': '',
    store: '',
    'pure-eval': false,
    'restrict-eval': false,
    'allowed-uris': [],
    'allow-import-from-derivation': true,
    'experimental-features': [],
    'trace-verbose': false,
    'allow-dirty': true,
    'warn-dirty': true,
    'trace-import-from-derivation': false,
    'abort-on-warn': false,
    'show-trace': false,
    'max-call-depth': 10000,
    'nix-path': [],
    'use-xdg-base-directories': false,
    'max-jobs': 'auto',
    cores: 0,
    'keep-failed': false,
    'keep-going': false,
    fallback: false,
    substitute: true,
    substituters: [],
    'trusted-public-keys': [],
    'require-sigs': true,
    timeout: 0,
    'max-silent-time': 0,
    'log-lines': 25,
    'tarball-ttl': 3600,
    sandbox: true,
    'eval-cache': true,
    'flake-registry': 'https://channels.nixos.org/flake-registry.json',
    'use-registries': true,
    'lint-url-literals': 'ignore',
    'lint-absolute-path-literals': 'ignore',
    'lint-short-path-literals': 'ignore',
    'debian-mirror': [],
  };
}

/** Sets one setting from its text; `extra-NAME` appends to a list. Gives a warning to print, or undefined. */
export function applySetting(settings: Settings, name: string, text: string): string | undefined {
  const extra = name.startsWith('extra-') && !(name in settingKinds);
  const plain = extra ? name.slice('extra-'.length) : name;
  const key = (settingAliases[plain] ?? plain) as keyof Settings;
  const kind = settingKinds[key];
  if (plain === 'warn-short-path-literals') {
    const level = parseBoolean(name, text) ? 'warn' : 'ignore';
    settings['lint-short-path-literals'] = level;
    return `'${plain}' is deprecated, use 'lint-short-path-literals = ${level}' instead`;
  }
  const feature = featureOfSetting[key];
  if (feature !== undefined && !settings['experimental-features'].includes(feature))
    return `Ignoring setting '${name}' because experimental feature '${feature}' is not enabled`;
  if (!kind) return ignored.has(key) ? undefined : `unknown setting '${name}'`;
  if (extra && kind !== 'words') return `unknown setting '${name}'`;
  const into = settings as unknown as Record<string, unknown>;
  switch (kind) {
    case 'string':
      into[key] = text;
      return undefined;
    case 'words': {
      const words = text.split(/\s+/).filter((word) => word !== '');
      into[key] = extra ? [...(into[key] as string[]), ...words] : words;
      return key === 'experimental-features' ? oddFeatures(words) : undefined;
    }
    case 'boolean':
      into[key] = parseBoolean(name, text);
      return undefined;
    case 'jobs':
      into[key] = text === 'auto' ? 'auto' : parseNumber(name, text);
      return undefined;
    case 'number':
      into[key] = parseNumber(name, text);
      return undefined;
    case 'lint':
      into[key] = parseLintLevel(name, text);
      return undefined;
  }
}

const features = new Set(
  (
    'auto-allocate-uids ca-derivations cgroups configurable-impure-env daemon-trust-override dynamic-derivations external-builders ' +
    'fetch-closure fetch-tree flakes git-hashing impure-derivations local-overlay-store mounted-ssh-store nix-command ' +
    'parse-toml-timestamps pipe-operators read-only-local-store recursive-nix verified-fetches blake3-hashes'
  ).split(' '),
);

function oddFeatures(words: readonly string[]): string | undefined {
  const odd = words.find((word) => !features.has(word));
  if (odd === undefined) return undefined;
  return odd === 'no-url-literals'
    ? `experimental feature '${odd}' has been stabilized and renamed; use 'lint-url-literals = fatal' setting instead`
    : `unknown experimental feature '${odd}'`;
}

function parseBoolean(name: string, text: string): boolean {
  if (text === 'true' || text === 'yes' || text === '1' || (name === 'sandbox' && text === 'relaxed')) return true;
  if (text === 'false' || text === 'no' || text === '0') return false;
  throw new NixError(`Boolean setting '${name}' has invalid value '${text}'`, { class: 'UsageError' });
}

function parseNumber(name: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+)([KMGTkmgt]?)$/.exec(text) ?? [];
  if (digits === undefined)
    throw new NixError(`setting '${name}' has invalid value '${text}'`, { class: 'UsageError' });
  return Number(digits) * 1024 ** ' KMGT'.indexOf(unit === '' ? ' ' : unit.toUpperCase());
}

function parseLintLevel(name: string, text: string): LintLevel {
  if (text === 'ignore' || text === 'warn' || text === 'fatal') return text;
  throw new NixError(`setting '${name}' has invalid value '${text}', expected one of: ignore, warn, fatal`, {
    class: 'UsageError',
  });
}

function syntaxError(line: string, where: string): NixError {
  return new NixError(`syntax error in configuration line '${line.replace(/#.*/, '')}' in "${where}"`, {
    class: 'UsageError',
  });
}

/** Experimental features that are on; one of them implies another. */
export function enabledFeatures(settings: Settings): ReadonlySet<string> {
  const features = new Set(settings['experimental-features']);
  if (features.has('flakes')) features.add('fetch-tree');
  return features;
}

/**
 * Applies the text of a nix.conf or of NIX_CONFIG, experimental features first. `read` gives the text of an included file,
 * or undefined.
 */
export function applyConfig(
  settings: Settings,
  text: string,
  where: string,
  read: (path: string) => string | undefined,
): string[] {
  const lines = readConfig(text, where, read);
  const isFeature = ([name]: readonly [string, string]) => /^(?:extra-)?experimental-features$/.test(name);
  return [...lines.filter(isFeature), ...lines.filter((line) => !isFeature(line))].flatMap(([name, value]) => {
    const warning = applySetting(settings, name, value);
    return warning === undefined ? [] : [warning];
  });
}

/** Names and values, those of included files where they are included. */
function readConfig(
  text: string,
  where: string,
  read: (path: string) => string | undefined,
): (readonly [string, string])[] {
  return text.split('\n').flatMap((raw) => {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') return [];
    const words = line.split(/\s+/);
    if (words.length === 1) throw syntaxError(raw, where);
    if (words[0] !== 'include' && words[0] !== '!include') {
      if (words[1] !== '=') throw syntaxError(raw, where);
      return [[words[0]!, words.slice(2).join(' ')]];
    }
    if (words.length !== 2) throw syntaxError(raw, where);
    const included = read(words[1]!);
    if (included !== undefined) return readConfig(included, words[1]!, read);
    if (words[0] === '!include') return [];
    throw new NixError(`file "${words[1]}" included from "${where}" not found`, { class: 'Error' });
  });
}
