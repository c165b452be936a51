/**
 * Binary caches that the settings name: file:///directory, or http(s)://. What they offer counts only if a trusted key has
 * signed it, unless require-sigs is off.
 */
import { NixError } from '../errors/nix-error.ts';
import type { BuildReporter } from '../realise/reporter.ts';
import { BinaryCache } from '../store/binary-cache/binary-cache.ts';
import { cacheFiles, verifyEd25519 } from '../store/binary-cache/cache-files.ts';
import type { Settings } from './settings.ts';

export function binaryCache(url: string, settings: Settings, reporter: BuildReporter): BinaryCache {
  const files = cacheFiles(url.replace(/\?.*$/, ''));
  if (!files)
    throw new NixError(`don't know how to open Nix store with URL '${url}'`, {
      class: 'UsageError',
      hint: 'A substituter is file:///DIRECTORY or http(s)://HOST.',
    });
  return new BinaryCache({
    files,
    trustedKeys: new Map(settings['trusted-public-keys'].map(parsePublicKey)),
    verify: verifyEd25519,
    trustAll: !settings['require-sigs'],
    onUntrusted: (path) =>
      reporter.report({
        kind: 'warning',
        text: `ignoring substitute for '${path}' from '${url}', as it's not signed by any of the keys in 'trusted-public-keys'`,
      }),
  });
}

/** name:base64 */
function parsePublicKey(text: string): [string, Uint8Array] {
  const colon = text.indexOf(':');
  const key = Buffer.from(text.slice(colon + 1), 'base64');
  if (colon < 1 || key.length !== 32) throw new NixError(`public key '${text}' is not valid`, { class: 'UsageError' });
  return [text.slice(0, colon), key];
}
