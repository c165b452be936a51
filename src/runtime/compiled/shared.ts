/** What the functions that are written together share: constants, error sites, the codes of thunks. */
import type { Unit } from '../../code/unit.ts';
import { type ErrorSite, support } from './support.ts';
import { type Generated, ThunkCode } from './tier.ts';

export class Shared {
  readonly unit: Unit;
  readonly observeThunks: boolean;
  readonly constants: unknown[] = [];
  readonly sites: ErrorSite[] = [{ pc: 0, at: 0, up: 0 }];
  private readonly constantIndex = new Map<unknown, number>();
  private readonly siteIndex = new Map<string, number>();
  private readonly thunks = new Map<number, ThunkCode>();

  constructor(unit: Unit, observeThunks: boolean) {
    this.unit = unit;
    this.observeThunks = observeThunks;
  }

  constant(value: unknown): string {
    let index = this.constantIndex.get(value);
    if (index === undefined) {
      index = this.constants.push(value) - 1;
      this.constantIndex.set(value, index);
    }
    return `k${index}`;
  }

  site(pc: number, at: number, up: number, line?: string): number {
    const key = `${pc} ${at} ${up} ${line}`;
    let index = this.siteIndex.get(key);
    if (index === undefined) {
      index = this.sites.push(line === undefined ? { pc, at, up } : { pc, at, up, line }) - 1;
      this.siteIndex.set(key, index);
    }
    return index;
  }

  thunkCode(offset: number): ThunkCode {
    let code = this.thunks.get(offset);
    if (code === undefined) this.thunks.set(offset, (code = new ThunkCode(this.unit, offset)));
    return code;
  }

  finish(functions: readonly string[]): Generated {
    const { constants, sites } = this;
    const taken = constants.map((_, i) => `k${i} = K[${i}]`).join(', ');
    const text = `'use strict';
const { ${Object.keys(support()).join(', ')} } = R;
const M = U.memo;
${taken === '' ? '' : `const ${taken};`}
return [${functions.join(',\n')}];`;
    return { text, constants, sites };
  }
}
