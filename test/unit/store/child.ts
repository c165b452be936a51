/** Another process for local-store.test.ts: does what its first argument says, reports, and stays until it is killed. */
import { openStore } from '../../../src/store/local/open-store.ts';

const [what, root, argument] = process.argv.slice(2);
const store = openStore({ root: root! });
setInterval(() => {}, 1000);

switch (what) {
  case 'die-registering':
    // The file is moved in place and the row is entered; the transaction stays open.
    store.batch(() => {
      store.addText('victim', 'other text');
      store.addText('victim', 'text');
      process.send!('open');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
    break;
  case 'hold-lock':
    await store.lockPaths([argument!]);
    process.send!('held');
    break;
  case 'add-many':
    for (let i = 0; i < 20; i++) {
      store.addText(`own-${argument}-${i}`, String(i));
      store.addText(`same-${i}`, String(i));
    }
    process.send!('added');
}
