/** Import from derivation: what a string speaks of is made to exist before its path is read. */
import { NixError } from '../errors/nix-error.ts';
import { renderWarning } from '../errors/render.ts';
import { warning } from '../errors/warning.ts';
import { decodeContextElement } from '../runtime/context.ts';
import type { EvalSettings } from '../runtime/eval-context.ts';
import type { Host } from '../runtime/host.ts';

/** Gives the path, with what stood in it for outputs that were not known yet replaced. */
export function realiseContext(host: Host, settings: EvalSettings, path: string, context: Iterable<string>): string {
  const built: string[] = [];
  for (const encoded of context) {
    const element = decodeContextElement(encoded);
    const needed = element.kind === 'opaque' ? element.path : element.drvPath;
    if (!host.store.isValidPath(needed)) {
      throw new NixError(`path '${needed}' is not valid`, { class: 'InvalidPathError' });
    }
    if (element.kind === 'built') built.push(encoded);
  }
  if (built.length === 0) return path;
  const [, output, drvPath] = built[0]!.split('!');
  if (!settings.allowImportFromDerivation)
    throw new NixError(
      `cannot build '${drvPath}^${output}' during evaluation because the option 'allow-import-from-derivation' is disabled`,
    );
  if (settings.traceImportFromDerivation)
    host.message(
      'warning',
      renderWarning(warning(`built '${drvPath}^${output}' during evaluation due to an import from derivation`)),
    );
  host.store.realise(built);
  return path;
}
