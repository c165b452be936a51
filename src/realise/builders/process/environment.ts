/**
 * What a process builder finds: its environment and the files beside it in the build directory, exactly as Nix gives them.
 * Placeholders of outputs become their paths, in variables, arguments and files alike.
 * Source: Nix manual, "Derivation Execution" and "Advanced Attributes".
 */
import { hashText } from '../../../base/hash.ts';
import { encodeNix32 } from '../../../base/nix32.ts';
import type { Derivation } from '../../../derivation/derivation.ts';
import { isFixedOutput } from '../../../derivation/output-paths.ts';
import { hashPlaceholder } from '../../../derivation/placeholder.ts';
import type { Store } from '../../../store/store.ts';
import type { DerivationOptions } from '../../derivation-options.ts';
import { exportReferences, validityRegistration } from './references-graph.ts';
import { structuredAttributesJson, structuredAttributesShell } from './structured-attrs.ts';

export interface BuilderEnvironment {
  readonly variables: ReadonlyMap<string, string>;
  /** Name in the build directory -> contents. */
  readonly files: ReadonlyMap<string, string>;
  readonly args: readonly string[];
}

export interface EnvironmentOptions {
  readonly drv: Derivation;
  readonly options: DerivationOptions;
  readonly store: Store;
  /** The closure of what the derivation has as its inputs. */
  readonly inputClosure: ReadonlySet<string>;
  /** Output name -> the path that the builder is to create. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The build directory as the builder sees it: /build. */
  readonly buildDirectory: string;
  readonly cores: number;
  /** Where variables of `impureEnvVars` come from. */
  readonly impureEnvironment: Readonly<Record<string, string | undefined>>;
}

export function builderEnvironment(from: EnvironmentOptions): BuilderEnvironment {
  const { drv, options, buildDirectory } = from;
  const variables = new Map<string, string>([
    // No usual place for programs, lest a shell fills in its own.
    ['PATH', '/path-not-set'],
    ['HOME', '/homeless-shelter'],
    ['NIX_STORE', from.store.storeDir],
    ['NIX_BUILD_CORES', String(from.cores)],
  ]);
  const files = new Map<string, string>();
  const putInFile = (variable: string, file: string, content: string) => {
    files.set(file, content);
    variables.set(variable, `${buildDirectory}/${file}`);
  };

  if (options.structured) {
    const json = structuredAttributesJson(from);
    putInFile('NIX_ATTRS_SH_FILE', '.attrs.sh', structuredAttributesShell(json));
    putInFile('NIX_ATTRS_JSON_FILE', '.attrs.json', json.text);
  } else {
    for (const [name, value] of drv.env)
      if (options.passAsFile.has(name))
        putInFile(`${name}Path`, `.attr-${encodeNix32(hashText('sha256', name))}`, value);
      else variables.set(name, value);
    for (const [file, paths] of options.exportReferencesGraph)
      files.set(file, validityRegistration(from.store, exportReferences(from.store, paths, from.inputClosure)));
  }

  variables.set('NIX_BUILD_TOP', buildDirectory);
  for (const name of ['TMPDIR', 'TEMPDIR', 'TMP', 'TEMP', 'PWD']) variables.set(name, buildDirectory);
  if (isFixedOutput(drv)) {
    variables.set('NIX_OUTPUT_CHECKED', '1');
    for (const name of options.impureEnvVars) variables.set(name, from.impureEnvironment[name] ?? '');
  }
  variables.set('NIX_LOG_FD', '2');
  variables.set('TERM', 'xterm-256color');

  const rewrite = placeholderRewriter(from.outputs);
  return {
    variables: new Map([...variables].map(([name, value]) => [name, rewrite(value)])),
    files: new Map([...files].map(([name, content]) => [name, rewrite(content)])),
    args: drv.args.map(rewrite),
  };
}

function placeholderRewriter(outputs: ReadonlyMap<string, string>): (text: string) => string {
  const pairs = [...outputs].map(([name, path]) => [hashPlaceholder(name), path] as const);
  return (text) => pairs.reduce((done, [placeholder, path]) => done.replaceAll(placeholder, path), text);
}
