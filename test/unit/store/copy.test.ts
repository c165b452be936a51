import { expect, it } from 'vitest';
import { copyClosure } from '../../../src/store/copy.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { addText } from '../../contract/store.ts';

it('copies what a path refers to first, and nothing twice', () => {
  const from = new MemoryStore();
  const to = new MemoryStore();
  const a = addText(from, 'a', 'a');
  const b = addText(from, 'b', a, [a]);
  addText(from, 'other', 'x');
  addText(to, 'a', 'a');
  expect(copyClosure(from, to, [b])).toEqual([b]);
  expect(copyClosure(from, to, [b])).toEqual([]);
  expect(to.pathInfo(b)).toEqual(from.pathInfo(b));
  expect(to.validPaths()).toEqual([a, b].sort());
});
