/**
 * Realising as the commands do: the realiser with every builtin builder, the downloader and the sandbox put together. The
 * request is plain data, so that it can be carried out in another thread (synchronous.ts).
 */
import { imageBuilders } from '../image/builders/table.ts';
import { fetchurl } from '../realise/builders/fetchurl.ts';
import { pythonEnv } from '../realise/builders/python-env.ts';
import { symlinkTree } from '../realise/builders/symlink-tree.ts';
import { unpackDeb } from '../realise/builders/unpack-deb/builder.ts';
import { writeText } from '../realise/builders/write-text.ts';
import type { BuiltinBuilder } from '../realise/builtin.ts';
import { Downloader } from '../realise/download/download.ts';
import type { Wanted } from '../realise/plan.ts';
import { type RealiseResult, realise } from '../realise/realise.ts';
import type { BuildReporter } from '../realise/reporter.ts';
import { LocalStore } from '../store/local/local-store.ts';
import { embeddedSandbox } from './embedded-sandbox.ts';
import type { Settings } from './settings.ts';
import { binaryCache } from './substituters.ts';

export const builtinBuilders: readonly BuiltinBuilder[] = [
  fetchurl,
  unpackDeb,
  symlinkTree,
  writeText,
  pythonEnv,
  ...imageBuilders,
];

export interface RealiseRequest {
  readonly storeRoot: string;
  readonly wanted: readonly Wanted[];
  readonly settings: Settings;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  /** Builders' output is not shown as it comes: a failure quotes its end. */
  readonly quotesLog?: boolean;
  /** Builtin builders only: what needs a process fails. */
  readonly noProcess?: boolean;
}

export function carryOut(
  request: RealiseRequest,
  reporter: BuildReporter,
  signal?: AbortSignal,
  store: LocalStore = new LocalStore({ root: request.storeRoot }),
): Promise<RealiseResult> {
  const { settings } = request;
  return realise({
    store,
    wanted: request.wanted,
    systems: [settings.system],
    builtinBuilders,
    downloader: new Downloader({ environment: process.env, debianMirrors: settings['debian-mirror'] }),
    substituters: settings.substitute ? settings.substituters.map((url) => binaryCache(url, settings, reporter)) : [],
    sandbox: request.noProcess
      ? async () => undefined
      : settings.sandbox && (() => embeddedSandbox(request.storeRoot, settings, reporter)),
    jobs: settings['max-jobs'],
    cores: settings.cores,
    keepGoing: settings['keep-going'],
    keepFailed: settings['keep-failed'],
    fallback: settings.fallback,
    timeout: settings.timeout,
    maxSilentTime: settings['max-silent-time'],
    logCommand: 'nix-store -l',
    environment: process.env,
    reporter,
    ...(request.quotesLog ? { logLines: settings['log-lines'] } : {}),
    ...(request.check ? { check: true } : {}),
    ...(request.dryRun ? { dryRun: true } : {}),
    ...(signal ? { signal } : {}),
  });
}
