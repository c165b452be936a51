/**
 * Placeholders: texts that stand for output paths which nobody knows yet. They begin with `/` and hold 52 characters of
 * Nix base 32 (a whole SHA-256), and are replaced by the real paths when the derivation is built.
 */
import { hashText } from '../base/hash.ts';
import { encodeNix32 } from '../base/nix32.ts';
import { outputPathName, storePathHashPart, storePathName } from './store-path.ts';

/** builtins.placeholder: an output of the derivation in which it stands. */
export function hashPlaceholder(output: string): string {
  return `/${encodeNix32(hashText('sha256', `nix-output:${output}`))}`;
}

/** An output of another derivation that is content-addressed or waits for one that is. */
export function downstreamPlaceholder(drvPath: string, output: string): string {
  const drvName = storePathName(drvPath).replace(/\.drv$/, '');
  const text = `nix-upstream-output:${storePathHashPart(drvPath)}:${outputPathName(drvName, output)}`;
  return `/${encodeNix32(hashText('sha256', text))}`;
}
