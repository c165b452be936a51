import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { deleteTree } from '../../../src/store/local/files.ts';
import { LocalStore } from '../../../src/store/local/local-store.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { storeContract } from '../../contract/store.ts';

const opened: LocalStore[] = [];
afterAll(() => {
  for (const store of opened) {
    store.close();
    deleteTree(store.layout.root);
  }
});

storeContract('a store in memory', () => new MemoryStore());
storeContract('a local store', () => {
  const store = new LocalStore({ root: mkdtempSync(join(tmpdir(), 'nixlet-store-')) });
  opened.push(store);
  return store;
});
