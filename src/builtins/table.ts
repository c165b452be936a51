/** All builtins, theme by theme. */
import type { Builtin } from '../runtime/builtin.ts';
import { arithmeticBuiltins } from './arithmetic.ts';
import { attrsBuiltins } from './attrs.ts';
import { closureBuiltins } from './closure.ts';
import { constantBuiltins } from './constants.ts';
import { contextBuiltins } from './context.ts';
import { controlBuiltins } from './control.ts';
import { derivationBuiltins } from './derivation.ts';
import { fetchBuiltins } from './fetch.ts';
import { fetchClosureBuiltins } from './fetch-closure.ts';
import { fetchTreeBuiltins } from './fetch-tree.ts';
import { fileBuiltins } from './files.ts';
import { flakeBuiltins } from './flakes.ts';
import { foldBuiltins } from './folds.ts';
import { hashBuiltins } from './hashing.ts';
import { importBuiltins } from './import.ts';
import { listBuiltins } from './lists.ts';
import { outputBuiltins } from './outputs.ts';
import { patternBuiltins } from './patterns.ts';
import { serialiseBuiltins } from './serialise.ts';
import { sortBuiltins } from './sort.ts';
import { storeFileBuiltins } from './store-files.ts';
import { stringBuiltins } from './strings.ts';
import { typeBuiltins } from './types.ts';
import { versionBuiltins } from './versions.ts';

export const builtins: readonly Builtin[] = [
  ...constantBuiltins,
  ...typeBuiltins,
  ...controlBuiltins,
  ...arithmeticBuiltins,
  ...stringBuiltins,
  ...patternBuiltins,
  ...versionBuiltins,
  ...listBuiltins,
  ...foldBuiltins,
  ...sortBuiltins,
  ...closureBuiltins,
  ...attrsBuiltins,
  ...serialiseBuiltins,
  ...hashBuiltins,
  ...contextBuiltins,
  ...fileBuiltins,
  ...storeFileBuiltins,
  ...importBuiltins,
  ...derivationBuiltins,
  ...outputBuiltins,
  ...fetchBuiltins,
  ...fetchTreeBuiltins,
  ...fetchClosureBuiltins,
  ...flakeBuiltins,
];
