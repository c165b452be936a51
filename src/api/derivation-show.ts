/** Derivations as JSON: the form of `nix show-derivation` (keyed by path), and that of `nix derivation show` since 2.33. */
import type { Derivation } from '../derivation/derivation.ts';
import { derivationToJson, derivationToLegacyJson, type Json, printJson } from '../derivation/json.ts';

export function showDerivations(
  read: (drvPath: string) => Derivation,
  drvPaths: readonly string[],
  { recursive, legacy }: { readonly recursive: boolean; readonly legacy: boolean },
): string {
  const wanted = new Set(drvPaths);
  if (recursive) for (const path of wanted) for (const input of read(path).inputDrvs.keys()) wanted.add(input);
  const shown = new Map<string, Json>();
  for (const path of wanted) {
    const drv = read(path);
    if (legacy) shown.set(path, derivationToLegacyJson(drv));
    else shown.set(path.slice(path.lastIndexOf('/') + 1), derivationToJson(drv));
  }
  const whole: Json = legacy
    ? shown
    : new Map<string, Json>([
        ['derivations', shown],
        ['version', 4],
      ]);
  return printJson(whole, 2);
}
