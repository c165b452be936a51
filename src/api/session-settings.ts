/** The session of an evaluation, from its settings. */
import { builtins } from '../builtins/table.ts';
import { renderWarning } from '../errors/render.ts';
import { createSession, type Session } from '../eval/session.ts';
import type { Host } from '../runtime/host.ts';
import type { LintSettings } from '../syntax/lower/lints.ts';
import { DiskCache } from './disk-cache.ts';
import { optimise } from './optimise.ts';
import { plugInParser } from './parser-loader.ts';
import type { CallProfile } from './profile.ts';
import type { SearchPathEntry } from './search-path.ts';
import { enabledFeatures, type Settings } from './settings.ts';

const codeCacheBytes = 256 * 1024 * 1024;

export interface SessionInputs {
  readonly host: Host;
  readonly settings: Settings;
  readonly directory: string;
  readonly searchPath: readonly SearchPathEntry[];
  readonly lastSearchPath: readonly SearchPathEntry[];
  readonly profile: CallProfile | undefined;
  readonly observeThunks: boolean;
  readonly message: (text: string) => void;
}

export function openSession({
  host,
  settings,
  directory,
  searchPath,
  lastSearchPath,
  profile,
  observeThunks,
  message,
}: SessionInputs): Session {
  plugInParser();
  return createSession({
    host,
    builtins: profile?.observe(builtins) ?? builtins,
    observer: profile,
    cache: new DiskCache(process.env, 'code', codeCacheBytes),
    showTrace: settings['show-trace'],
    onLongRun: optimise,
    observeThunks,
    lint: lintSettings(settings),
    warn: (found) => message(renderWarning(found)),
    settings: {
      system: settings['eval-system'] || settings.system,
      pureEval: settings['pure-eval'],
      restrictEval: settings['restrict-eval'],
      allowedUris: settings['allowed-uris'],
      allowImportFromDerivation: settings['allow-import-from-derivation'],
      experimentalFeatures: enabledFeatures(settings),
      traceVerbose: settings['trace-verbose'],
      traceImportFromDerivation: settings['trace-import-from-derivation'],
      abortOnWarn: settings['abort-on-warn'],
      maxCallDepth: settings['max-call-depth'],
      flakeRegistry: settings['flake-registry'],
      useRegistries: settings['use-registries'],
      directory,
      searchPath,
      lastSearchPath,
    },
  });
}

export function lintSettings(settings: Settings): LintSettings {
  return {
    urlLiterals: settings['lint-url-literals'],
    absolutePathLiterals: settings['lint-absolute-path-literals'],
    shortPathLiterals: settings['lint-short-path-literals'],
  };
}
