/** Builds that fail: what is said, with which code, and that nothing is half there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashBytes } from '../../../src/base/hash.ts';
import { contentAddressedPath } from '../../../src/derivation/content-address.ts';
import { isValidPath } from '../../../src/store/store.ts';
import { addDerivation, openTestStore, output, run, started, system } from './setting.ts';

const sha256 = (text: string) => hashBytes('sha256', new TextEncoder().encode(text));

describe('a failing builder', () => {
  it('shows the last lines and where the log is, and exits with 100', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, {
      name: 'bad',
      script: 'for i in $(seq 30); do echo line $i; done; echo x > $out; exit 3',
    });
    const { error } = await run(store, drv);
    const last = Array.from({ length: 25 }, (_, i) => `> line ${i + 6}\n`).join('');
    expect(error?.message).toBe(
      `Cannot build '${drv}'.\nReason: builder failed with exit code 3.\nOutput paths:\n  ${output(store, drv)}\n` +
        `Last 25 log lines:\n${last}For full logs, run:\n  nix-store -l ${drv}`,
    );
    expect(error?.exitCode).toBe(100);
    expect(readFileSync(store.logPath(drv), 'utf8').split('\n')).toHaveLength(31);
    expect(isValidPath(store, output(store, drv))).toBe(false);
    expect(existsSync(store.realPath(output(store, drv)))).toBe(false);
    const quiet = await run(store, drv, { logLines: undefined });
    expect(quiet.error?.message).not.toContain('log lines');
  });

  it('fails what depends on it; with --keep-going the rest is built', async () => {
    const store = openTestStore();
    const bad = addDerivation(store, { name: 'bad', script: 'sleep 0.3; exit 1' });
    const slow = addDerivation(store, { name: 'slow', script: 'sleep 1; echo > $out' });
    const top = addDerivation(store, { name: 'top', inputs: [bad, slow] });
    const stopped = await run(store, top);
    expect(stopped.error?.message).toBe(
      `Cannot build '${top}'.\nReason: 1 dependency failed.\nOutput paths:\n  ${output(store, top)}`,
    );
    expect(stopped.error?.exitCode).toBe(100);
    const reported = stopped.events.flatMap((event) => (event.kind === 'error' ? [event.error.message] : []));
    expect(reported).toEqual([expect.stringContaining(`Cannot build '${bad}'`)]);
    expect(stopped.events.flatMap((event) => (event.kind === 'buildEnded' ? [event.outcome] : []))).toEqual([
      'failed',
      'cancelled',
    ]);
    expect(isValidPath(store, output(store, slow))).toBe(false);
    const went = await run(store, top, { keepGoing: true });
    expect(went.error?.message).toContain('1 dependency failed');
    expect(isValidPath(store, output(store, slow))).toBe(true);
  });

  it('ends with one error for several', async () => {
    const store = openTestStore();
    const drvs = ['a', 'b'].map((name) => addDerivation(store, { name, script: 'exit 1' }));
    const { error, events } = await run(store, drvs, { keepGoing: true });
    expect(error?.message).toBe(`build of ${drvs.map((drv) => `'${drv}'`).join(', ')} failed`);
    expect(error?.exitCode).toBe(100);
    expect(events.filter((event) => event.kind === 'error')).toHaveLength(2);
  });

  it('is stopped after too long a time or silence, with everything it started', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, { name: 'endless', script: 'echo begin; (sleep 50; echo) & wait' });
    const before = performance.now();
    const late = await run(store, drv, { timeout: 1 });
    expect(late.error?.message).toBe(`building of '${drv}' timed out after 1 seconds`);
    expect(late.error?.exitCode).toBe(101);
    const silent = await run(store, drv, { maxSilentTime: 1 });
    expect(silent.error?.message).toBe(`building of '${drv}' timed out after 1 seconds of silence`);
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it('is stopped by the user', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, { name: 'stopped', script: 'echo begin; sleep 50' });
    const controller = new AbortController();
    const report = { report: (event: { kind: string }) => void (event.kind === 'logLine' && controller.abort()) };
    const { error } = await run(store, drv, { signal: controller.signal, reporter: report });
    expect(error?.message).toBe('interrupted by the user');
    const staging = join(store.layout.staging, readdirSync(store.layout.staging)[0]!);
    expect(readdirSync(staging)).toEqual([]);
  });

  it('leaves its build directory with --keep-failed', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, { name: 'kept', script: 'echo left > file; exit 1' });
    const { events } = await run(store, drv, { keepFailed: true });
    const kept = join(store.layout.state, 'builds', 'nix-build-kept-0');
    expect(events).toContainEqual({ kind: 'notice', text: `note: keeping build directory '${kept}'` });
    expect(readFileSync(join(kept, 'file'), 'utf8')).toBe('left\n');
  });

  it('must make every output, as nobody else can write it', async () => {
    const store = openTestStore();
    const none = addDerivation(store, { name: 'none', script: 'true' });
    expect((await run(store, none)).error?.message).toBe(
      `builder for '${none}' failed to produce output path for output 'out' at '${output(store, none)}'`,
    );
    const open = addDerivation(store, { name: 'open', script: 'mkdir -m 777 $out' });
    expect((await run(store, open)).error?.message).toMatch(/^suspicious ownership or permission on/);
    const fifo = addDerivation(store, { name: 'fifo', script: 'mkdir $out; mkfifo $out/pipe' });
    expect((await run(store, fifo)).error?.message).toContain('has an unsupported type');
  });

  it('does not start on another system, or without the features it needs, or at all with no jobs', async () => {
    const store = openTestStore();
    const other = addDerivation(store, { name: 'other', system: 'aarch64-linux' });
    const { error } = await run(store, other);
    expect(error?.message).toBe(
      `Cannot build '${other}'.\nReason: platform mismatch\nRequired system: 'aarch64-linux'\nCurrent system: '${system}'`,
    );
    expect(error?.exitCode).toBe(100);
    const feature = addDerivation(store, { name: 'feature', env: { requiredSystemFeatures: 'kvm' } });
    expect((await run(store, feature)).error?.message).toContain('missing system features\nRequired features: {kvm}');
    const any = addDerivation(store, { name: 'any' });
    expect((await run(store, any, { jobs: 0 })).error?.message).toContain('local builds are disabled');
  });

  it('says what is missing where a program cannot be started', async () => {
    const store = openTestStore();
    const absent = addDerivation(store, { name: 'absent', builder: '/nix/store/none' });
    expect((await run(store, absent)).error?.message).toContain(
      '> bwrap: execvp /nix/store/none: No such file or directory',
    );
    const drv = addDerivation(store, { name: 'unboxed' });
    const { error } = await run(store, drv, { sandbox: async () => undefined });
    expect(error?.message).toContain('bubblewrap to run it in is missing');
    const wrong = await run(store, drv, { sandbox: { bwrap: '/nowhere/bwrap' } });
    expect(wrong.error?.message).toContain("starting '/nowhere/bwrap'");
    const unmountable = await run(store, drv, {
      sandbox: { bwrap: '/usr/bin/bwrap', paths: new Map([['/x', '/nowhere']]) },
    });
    expect(unmountable.error?.message).toMatch(
      new RegExp(`^cannot build '${drv}' in a sandbox: .*\\(Can't find source path /nowhere`),
    );
    expect(unmountable.error?.hint).toContain('user.max_user_namespaces');
  });
});

describe('fixed outputs', () => {
  it('must have their hash, and are kept under the one they have', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, {
      name: 'file',
      script: 'echo -n right > $out',
      fixed: { method: 'flat', digest: sha256('wrong') },
    });
    const { error } = await run(store, drv);
    expect(error?.message).toMatch(
      new RegExp(
        `^hash mismatch in fixed-output derivation '${drv}':\n {2}specified: sha256-.*=\n {5}got: {4}sha256-.*=$`,
      ),
    );
    expect(error?.exitCode).toBe(102);
    const right = contentAddressedPath('file', {
      method: 'flat',
      hash: { algorithm: 'sha256', digest: sha256('right') },
    });
    expect(isValidPath(store, output(store, drv))).toBe(false);
    expect(store.pathInfo(right)?.ca).toMatch(/^fixed:sha256:/);
    const corrected = addDerivation(store, { name: 'file', fixed: { method: 'flat', digest: sha256('right') } });
    expect(started((await run(store, corrected)).events)).toEqual([]);
  });

  it('must be plain files where they are hashed flat, and refer to nothing', async () => {
    const store = openTestStore();
    const fixed = { method: 'flat', digest: sha256('x') } as const;
    const directory = addDerivation(store, { name: 'directory', script: 'mkdir $out', fixed });
    expect((await run(store, directory)).error?.message).toContain('should be a non-executable regular file');
    const source = store.addText('source', 'x');
    const content = `${source}`;
    const referring = addDerivation(store, {
      name: 'referring',
      script: `echo -n ${source} > $out`,
      sources: [source],
      fixed: { method: 'flat', digest: sha256(content) },
    });
    const { error } = await run(store, referring);
    expect(error?.message).toBe(
      `fixed-output derivations must not reference store paths: '${referring}' references 1 distinct paths, e.g. '${source}'`,
    );
    expect(error?.exitCode).toBe(102);
  });
});

describe('conditions on outputs', () => {
  const references = async (env: Record<string, string>) => {
    const store = openTestStore();
    const deep = store.addText('deep', 'x');
    const near = store.addText('near', deep, [deep]);
    const drv = addDerivation(store, {
      name: 'checked',
      sources: [near],
      script: `echo ${near} $out > $out`,
      env: Object.fromEntries(Object.entries(env).map(([k, v]) => [k, v.replace('NEAR', near).replace('DEEP', deep)])),
    });
    const { error } = await run(store, drv);
    return error?.message.replaceAll(near, 'NEAR').replaceAll(deep, 'DEEP').replaceAll(output(store, drv), 'OUT');
  };

  it.each([
    [{ allowedReferences: 'NEAR out' }, undefined],
    [{ allowedReferences: '' }, /to refer to the following paths:(\n {2}(NEAR|OUT)){2}$/],
    [{ allowedReferences: 'NEAR' }, /paths:\n {2}OUT$/],
    [{ allowedRequisites: 'NEAR' }, /paths:\n {2}DEEP$/],
    [{ allowedRequisites: 'NEAR DEEP' }, undefined],
    [{ disallowedReferences: 'DEEP' }, undefined],
    [{ disallowedReferences: 'out' }, /paths:\n {2}OUT$/],
    [{ disallowedRequisites: 'DEEP' }, /paths:\n {2}DEEP$/],
    [{ allowedReferences: 'nosuch' }, /contains output name 'nosuch', but this is not a valid output/],
  ])('%j', async (env, expected) => {
    const message = await references(env as Record<string, string>);
    if (expected) expect(message).toMatch(expected);
    else expect(message).toBeUndefined();
  });

  it('reads them from structured attributes for each output', async () => {
    const store = openTestStore();
    const structured = (outputChecks: unknown, extra = {}) =>
      addDerivation(store, {
        name: 'sized',
        script: 'export PATH=/usr/bin; . $NIX_ATTRS_SH_FILE; echo $' + '{outputs[out]} > $' + '{outputs[out]}',
        env: { __json: JSON.stringify({ outputChecks, ...extra }) },
      });
    expect((await run(store, structured({ out: { maxSize: 100 } }))).error?.message).toMatch(
      /is too large at \d+ bytes; limit is 100/,
    );
    expect((await run(store, structured({ out: { maxClosureSize: 100 } }))).error?.message).toMatch(/^closure of path/);
    expect((await run(store, structured({ dev: { maxSize: 1 } }))).error).toBeUndefined();
    const discarded = structured({ out: { allowedReferences: [] } }, { unsafeDiscardReferences: { out: true } });
    expect((await run(store, discarded)).error).toBeUndefined();
  });
});

describe('--check', () => {
  it('is content where the build makes the same again', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, { name: 'same', script: 'echo $out > $out' });
    expect((await run(store, drv, { check: true })).error?.message).toContain('so checking is not possible');
    await run(store, drv);
    const checked = await run(store, drv, { check: true });
    expect(checked.error).toBeUndefined();
    expect(checked.events).toContainEqual({ kind: 'buildStarted', drvPath: drv, check: true });
  });

  it('says so where it does not, with 104', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, { name: 'random', script: 'echo $RANDOM$RANDOM$RANDOM > $out' });
    await run(store, drv);
    const physical = store.realPath(output(store, drv));
    const { error } = await run(store, drv, { check: true });
    expect(error?.message).toBe(`derivation '${drv}' may not be deterministic: output '${physical}' differs`);
    expect(error?.exitCode).toBe(104);
    const kept = await run(store, drv, { check: true, keepFailed: true });
    expect(kept.error?.message).toContain(`differs from '${physical}.check'`);
    expect(existsSync(`${physical}.check`)).toBe(true);
    expect(isValidPath(store, output(store, drv))).toBe(true);
  });
});
