/** A process of its own that realises one derivation: STORE_ROOT DRV [unsandboxed]. Prints one line for each event. */

import { existsSync, realpathSync } from 'node:fs';
import { hostSandbox } from '../../../src/realise/builders/process/sandbox.ts';
import { realise } from '../../../src/realise/realise.ts';
import { LocalStore } from '../../../src/store/local/local-store.ts';

const [root, drvPath, how] = process.argv.slice(2) as [string, string, string?];
const paths = ['/usr', '/bin', '/lib', '/lib64'].filter((path) => existsSync(path));
const store = new LocalStore({ root });
try {
  await realise({
    store,
    wanted: [{ path: drvPath, outputs: '*' }],
    systems: ['x86_64-linux'],
    sandbox:
      how === 'unsandboxed'
        ? false
        : { ...hostSandbox('/usr/bin')!, paths: new Map(paths.map((path) => [path, realpathSync(path)])) },
    jobs: 2,
    reporter: {
      report: (event) => console.log(event.kind === 'logLine' ? `log ${event.line}` : event.kind),
    },
  });
  console.log('realised');
} catch (error) {
  console.log(`failed: ${(error as Error).message}`);
}
store.close();
