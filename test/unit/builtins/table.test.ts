/** Every builtin of Nix 2.36 is there, documented, and does what its example says. */
import { describe, expect, test } from 'vitest';
import { builtins } from '../../../src/builtins/table.ts';
import { evaluate, memorySession } from '../../support/memory-session.ts';

/** Reachable without `builtins.` */
const globals = `abort baseNameOf break builtins derivationStrict dirOf false fetchGit fetchMercurial fetchTarball
  fromTOML import isNull map null placeholder removeAttrs scopedImport throw toString true`.split(/\s+/);

const others = `add addDrvOutputDependencies addErrorContext all any appendContext attrNames attrValues bitAnd bitOr
  bitXor catAttrs ceil compareVersions concatLists concatMap concatStringsSep convertHash currentSystem currentTime
  deepSeq div elem elemAt fetchurl filter filterSource findFile floor foldl' fromJSON functionArgs genList
  genericClosure getAttr getContext getEnv groupBy hasAttr hasContext hashFile hashString head intersectAttrs isAttrs
  isBool isFloat isFunction isInt isList isPath isString langVersion length lessThan listToAttrs mapAttrs match mul
  nixPath nixVersion parseDrvName partition path pathExists readDir readFile readFileType replaceStrings seq sort split
  splitVersion storeDir storePath stringLength sub substring tail toFile toJSON toPath toXML trace traceVerbose tryEval
  typeOf unsafeDiscardOutputDependency unsafeDiscardStringContext unsafeGetAttrPos warn zipAttrsWith`.split(/\s+/);

const experimental = ['fetchClosure', 'fetchTree', 'flakeRefToString', 'getFlake', 'outputOf', 'parseFlakeRef'];

describe('the table of builtins', () => {
  test('has each name once', () => {
    const names = builtins.map((builtin) => builtin.name);
    expect(names.toSorted()).toEqual([...globals, ...others, ...experimental].toSorted());
    expect(new Set(names).size).toBe(names.length);
  });

  test('says which ones are global, and which are hidden behind a feature', () => {
    const named = (some: typeof builtins) => some.map((builtin) => builtin.name).toSorted();
    expect(named(builtins.filter((b) => b.global && !b.feature))).toEqual(globals.toSorted());
    expect(named(builtins.filter((b) => b.feature))).toEqual(experimental);
  });

  test('documents each', () => {
    for (const { name, doc } of builtins) expect(doc, name).toMatch(/^[A-Z`*0-9-].*[.?]$/s);
  });

  test('has types of as many arguments', () => {
    for (const { name, args, type } of builtins) {
      const atTheOutside = type.replaceAll(/\{[^{}]*\}|\([^()]*\)/g, 'x');
      expect(atTheOutside.split(' → ').length, name).toBe(args.length + 1);
    }
  });

  test('is what the language sees', () => {
    const shown = evaluate('builtins.attrNames builtins');
    for (const name of [...globals, ...others, 'derivation']) expect(shown).toContain(`"${name}"`);
    for (const name of experimental) expect(shown).not.toContain(`"${name}"`);
    const session = memorySession();
    for (const name of globals) expect(session.globals.has(name), name).toBe(true);
    for (const name of others) expect(session.globals.has(`__${name}`), name).toBe(true);
  });

  test('in pure mode, some are not there', () => {
    const expr = '[ (builtins ? currentTime) (builtins ? currentSystem) (builtins ? nixVersion) ]';
    expect(evaluate(expr)).toBe('[ true true true ]');
    expect(evaluate(expr, { settings: { pureEval: true } })).toBe('[ false false true ]');
  });

  test.each(
    builtins.filter((builtin) => builtin.example !== undefined).map((b) => [b.name, b.example!, b.feature] as const),
  )('example of %s', (_name, { expr, value }, feature) => {
    const settings = { experimentalFeatures: new Set(feature === undefined ? [] : [feature]) };
    expect(evaluate(expr, { settings })).toBe(evaluate(value));
  });
});
