/** A builder thread: one job after the other, as pool.ts sends them. */
import { parentPort } from 'node:worker_threads';
import { NixError } from '../../errors/nix-error.ts';
import { statOf } from '../../store/local/files.ts';
import { realPath, storeLayout } from '../../store/local/layout.ts';
import { useNativeHashes } from '../../store/local/native-hashes.ts';
import { buildContext } from '../build-context.ts';
import { unpackDeb } from '../builders/unpack-deb/builder.ts';
import type { BuiltinBuilder } from '../builtin.ts';
import { structuredAttributes } from '../derivation-options.ts';
import { KnownPaths } from '../known-paths.ts';
import { type IdentifiedOutput, identify } from '../register-outputs.ts';
import type { ThreadJob, ThreadMessage } from './protocol.ts';

/** Builders that are heavy on the processor. Each must be content with what a thread has: no downloads. */
const builders: readonly BuiltinBuilder[] = [unpackDeb];

useNativeHashes();
const tell = (message: ThreadMessage) => parentPort!.postMessage(message);
// A thread is ended from outside; nothing inside needs to be told.
const signal = new AbortController().signal;

async function work(job: ThreadJob): Promise<ReadonlyMap<string, IdentifiedOutput>> {
  const layout = storeLayout(job.storeRoot);
  const infos = new Map(job.infos.map((info) => [info.path, info]));
  const context = buildContext({
    ...job,
    structured: structuredAttributes(job.drv),
    realPath: (path) => realPath(layout, path),
    known: new KnownPaths({ pathInfo: (path) => infos.get(path) }),
    download: () => Promise.reject(new Error(`builtin:${job.builder} runs in a thread, where nothing is downloaded`)),
    log: (line) => tell({ kind: 'log', line }),
    signal,
  });
  await builders.find(({ name }) => name === job.builder)!.build(context);
  const identified = new Map<string, IdentifiedOutput>();
  for (const [name, staged] of job.staged)
    if (statOf(staged)) identified.set(name, await identify(staged, job.candidates.get(name)!, signal));
  return identified;
}

parentPort!.on('message', (job: ThreadJob) => {
  work(job).then(
    (identified) => tell({ kind: 'done', identified }),
    (error) => {
      if (error instanceof NixError) {
        const { message, class: errorClass, hint, exitCode } = error;
        tell({ kind: 'failed', error: { message, class: errorClass, hint, exitCode } });
      } else {
        const { message, code, stack } = error as NodeJS.ErrnoException;
        tell({ kind: 'broken', message, code, stack });
      }
    },
  );
});
