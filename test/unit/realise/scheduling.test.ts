/** What is built, in which order, how many at once, and by which of several processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BuiltinBuilder } from '../../../src/realise/builtin.ts';
import { describePlan, renderSize } from '../../../src/realise/plan.ts';
import { realise } from '../../../src/realise/realise.ts';
import { isValidPath } from '../../../src/store/store.ts';
import { withPeer } from '../../support/peers.ts';
import { addDerivation, openTestStore, output, run, started, system, temporaryDirectory } from './setting.ts';

const script = new URL('realise-process.ts', import.meta.url).pathname;

/** Starts a process; gives it with the lines that it prints. */
function start(root: string, drvPath: string, how: { uid?: number } = {}) {
  const child = spawn(process.execPath, [script, root, drvPath], { stdio: ['ignore', 'pipe', 'inherit'], ...how });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting: { line: string; resolve: () => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const one of waiting) if (one.line === line) one.resolve();
  });
  const seen = (line: string) =>
    lines.includes(line) ? Promise.resolve() : new Promise<void>((resolve) => void waiting.push({ line, resolve }));
  return { child, lines, seen, ended: new Promise<void>((resolve) => void child.once('close', () => resolve())) };
}

function isAlive(child: ChildProcess | number): boolean {
  try {
    process.kill(typeof child === 'number' ? child : child.pid!, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the plan', () => {
  it('lists derivations after those that they need, and nothing that is valid', async () => {
    const store = openTestStore();
    const a = addDerivation(store, { name: 'a' });
    const b = addDerivation(store, { name: 'b', inputs: [a] });
    const c = addDerivation(store, { name: 'c', inputs: [a, b] });
    const dry = await realise({ store, wanted: [{ path: c, outputs: '*' }], systems: [system], dryRun: true });
    expect(describePlan(dry.plan)).toEqual([
      'these 3 derivations will be built:',
      ...[a, b, c].map((drv) => `  ${drv}`),
    ]);
    expect(dry.outputs[0]!.get('out')).toBe(output(store, c));
    await run(store, b);
    const rest = await realise({ store, wanted: [{ path: c, outputs: ['out'] }], systems: [system], dryRun: true });
    expect(describePlan(rest.plan)).toEqual(['this derivation will be built:', `  ${c}`]);
    const unknown = '/nix/store/00000000000000000000000000000000-x';
    const none = await realise({ store, wanted: [{ path: unknown }], systems: [system], dryRun: true });
    expect(describePlan(none.plan)).toEqual(["don't know how to build these paths:", `  ${unknown}`]);
    await expect(realise({ store, wanted: [{ path: unknown }], systems: [system] })).rejects.toThrow(
      'cannot be created',
    );
  });

  withPeer('nix-store')("is in C++ Nix's order", async () => {
    const store = openTestStore();
    const drvs: string[] = [];
    for (let i = 0; i < 30; i++)
      drvs.push(
        addDerivation(store, { name: `n${i}`, inputs: drvs.filter((_, j) => (i * j) % 7 === 3 || j === i - 5) }),
      );
    const wanted = drvs.slice(-4);
    const { plan } = await realise({
      store,
      wanted: wanted.map((path) => ({ path, outputs: '*' as const })),
      systems: [system],
      dryRun: true,
    });
    const child = spawn('nix-store', [
      '--store',
      store.layout.root,
      '--option',
      'substitute',
      'false',
      '-r',
      '--dry-run',
      ...wanted,
    ]);
    let text = '';
    child.stderr.on('data', (chunk) => (text += chunk));
    await new Promise((resolve) => child.once('close', resolve));
    expect(describePlan(plan)).toEqual(text.trimEnd().split('\n'));
  });

  it('renders sizes in KiB at least', () => {
    expect([0, 100, 1024 * 1023, 5 * 1024 ** 2, 3 * 1024 ** 3].map(renderSize)).toEqual([
      '0.0 KiB',
      '0.1 KiB',
      '1023.0 KiB',
      '5.0 MiB',
      '3.0 GiB',
    ]);
  });
});

describe('the scheduler', () => {
  it('builds one at a time in the order of names, or as many as it may', async () => {
    const store = openTestStore();
    const drvs = ['d', 'a', 'c', 'b'].map((name) => addDerivation(store, { name, script: 'sleep 0.2; echo > $out' }));
    const one = await run(store, drvs, { jobs: 1 });
    expect(started(one.events)).toEqual(['a', 'b', 'c', 'd']);
    const kinds = one.events.flatMap(({ kind }) => (kind === 'buildStarted' || kind === 'buildEnded' ? [kind] : []));
    expect(kinds).toEqual([1, 2, 3, 4].flatMap(() => ['buildStarted', 'buildEnded']));
    const more = openTestStore();
    const again = drvs.map((_, i) => addDerivation(more, { name: `x${i}`, script: 'sleep 0.2; echo > $out' }));
    const both = await run(more, again, { jobs: 2 });
    expect(both.events.slice(1, 3).map(({ kind }) => kind)).toEqual(['buildStarted', 'buildStarted']);
  });

  it('builds a derivation once, whoever wants it', async () => {
    const store = openTestStore();
    const base = addDerivation(store, { name: 'base' });
    const users = ['u', 'v', 'w'].map((name) => addDerivation(store, { name, inputs: [base] }));
    const { events, error } = await run(store, [...users, base], { jobs: 4 });
    expect(error).toBeUndefined();
    expect(started(events)).toEqual(['base', 'u', 'v', 'w']);
  });

  it('runs builders that wait beside the others', async () => {
    const store = openTestStore();
    let running = 0;
    let most = 0;
    const waiter: BuiltinBuilder = {
      name: 'wait',
      waits: true,
      async build(context) {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 100));
        running--;
        const { writeFileSync } = await import('node:fs');
        writeFileSync(context.physical(context.outputs.get('out')!), 'waited');
      },
    };
    const drvs = ['a', 'b', 'c'].map((name) => addDerivation(store, { name, builder: 'builtin:wait' }));
    expect((await run(store, drvs, { jobs: 1, builtinBuilders: [waiter] })).error).toBeUndefined();
    expect(most).toBe(3);
  });

  it('asks for the sandbox once, and only where a process is to run', async () => {
    const store = openTestStore();
    let asked = 0;
    const sandbox = async () => {
      asked++;
      return undefined;
    };
    const builtin: BuiltinBuilder = {
      name: 'quick',
      build: async (context) => {
        const { mkdirSync } = await import('node:fs');
        mkdirSync(context.physical(context.outputs.get('out')!));
        context.log('made');
      },
    };
    const quick = addDerivation(store, { name: 'quick', builder: 'builtin:quick' });
    const { error, lines } = await run(store, quick, { sandbox, builtinBuilders: [builtin] });
    expect([error, lines, asked]).toEqual([undefined, ['made'], 0]);
    const unknown = addDerivation(store, { name: 'unknown', builder: 'builtin:nosuch' });
    expect((await run(store, unknown)).error?.message).toContain("Reason: unsupported builtin builder 'nosuch'.");
    await run(
      store,
      ['p', 'q'].map((name) => addDerivation(store, { name })),
      { sandbox, keepGoing: true },
    );
    expect(asked).toBe(1);
  });
});

describe('several processes', () => {
  it('build one thing once: the other waits and takes the result', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, { name: 'shared', script: 'echo working; sleep 50 || true; echo > $out' });
    const first = start(store.layout.root, drv);
    await first.seen('log working');
    const second = start(store.layout.root, drv);
    await second.seen('waitingForLock');
    for (const pid of processesUnder(first.child.pid!))
      if (readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n') process.kill(pid);
    await Promise.all([first.ended, second.ended]);
    expect(first.lines).toEqual(['plan', 'buildStarted', 'log working', 'log Terminated', 'buildEnded', 'realised']);
    expect(second.lines).toEqual(['plan', 'waitingForLock', 'realised']);
  });

  it('go on where one was killed: nothing half-made is valid, nothing is left, no builder lives on', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, {
      name: 'killed',
      script: 'mkdir $out; echo half > $out/half; sleep 60 & echo working; [ -e /nix/store/never ] || wait',
    });
    const first = start(store.layout.root, drv);
    await first.seen('log working');
    const builders = processesUnder(first.child.pid!);
    expect(builders.length).toBeGreaterThan(1);
    first.child.kill('SIGKILL');
    await first.ended;
    await expect.poll(() => builders.filter(isAlive), { timeout: 5000 }).toEqual([]);
    expect(isValidPath(store, output(store, drv))).toBe(false);
    const left = readdirSync(store.layout.staging);
    const second = start(store.layout.root, drv);
    await second.seen('log working');
    const now = readdirSync(store.layout.staging);
    expect(now.filter((name) => left.includes(name) && name.startsWith(`${first.child.pid}-`))).toEqual([]);
    second.child.kill('SIGTERM');
    await second.ended;
    expect(existsSync(store.realPath(output(store, drv)))).toBe(false);
    expect((await run(store, drv, { timeout: 1 })).error?.exitCode).toBe(101);
  });

  withPeer('nix-store')('make a store that C++ Nix finds in order', async () => {
    const store = openTestStore();
    const source = store.addText('source', 'x');
    const drv = addDerivation(store, {
      name: 'verified',
      sources: [source],
      outputs: ['out', 'doc'],
      script: `mkdir $out; ln -s ${source} $out/link; echo $out > $doc; touch -d 1990-01-01 $out/old; chmod 600 $out/old`,
    });
    expect((await run(store, drv)).error).toBeUndefined();
    store.close();
    const child = spawn('nix-store', ['--store', store.layout.root, '--verify', '--check-contents'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk) => (text += chunk));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(text).not.toMatch(/error|modified|warning/);
  });
});

describe('an ordinary user', () => {
  const tester = Number(/^tester:[^:]*:(\d+)/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1] ?? 0);
  const may = process.getuid?.() === 0 && tester > 0;

  it.skipIf(!may)('builds in a store of their own', async () => {
    const root = temporaryDirectory();
    const preparing = openTestStore(root);
    const drv = addDerivation(preparing, {
      name: 'mine',
      script: 'id -u; mkdir -p $out/a; echo x > $out/a/b; chmod 555 $out/a $out',
    });
    preparing.close();
    const own = (path: string) => {
      chownSync(path, tester, tester);
      for (const entry of readdirSync(path, { withFileTypes: true }))
        if (entry.isDirectory()) own(join(path, entry.name));
        else chownSync(join(path, entry.name), tester, tester);
    };
    own(root);
    const child = start(root, drv, { uid: tester });
    await child.ended;
    expect(child.lines).toEqual(['plan', 'buildStarted', 'log 1000', 'buildEnded', 'realised']);
  });
});

/** Ids of a process' descendants. */
function processesUnder(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      parents.set(
        Number(name),
        Number(
          readFileSync(`/proc/${name}/stat`, 'utf8')
            .replace(/^.*\) /, '')
            .split(' ')[1],
        ),
      );
    } catch {}
  }
  const found: number[] = [];
  for (let todo = [pid]; todo.length > 0; ) {
    const parent = todo.pop()!;
    const children = [...parents].filter(([, one]) => one === parent).map(([child]) => child);
    found.push(...children);
    todo = [...todo, ...children];
  }
  return found;
}
