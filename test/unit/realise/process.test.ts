/** Builders that are processes: what they see, and what becomes of what they make. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addDerivation, openTestStore, output, run, shellSandbox } from './setting.ts';

describe('a process builder', () => {
  it('makes a valid path with the form of a store object, and a log', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, {
      name: 'simple',
      script:
        'echo making; mkdir -p $out/bin; echo content > $out/bin/tool; chmod 777 $out/bin/tool; umask; echo done >&2',
    });
    const { error, lines, events } = await run(store, drv);
    expect(error).toBeUndefined();
    expect(lines).toEqual(['making', '0022', 'done']);
    const path = output(store, drv);
    const info = store.pathInfo(path)!;
    expect(info).toMatchObject({ references: [], deriver: drv, ultimate: true, ca: undefined });
    const tool = lstatSync(join(store.realPath(path), 'bin/tool'));
    expect([tool.mode & 0o7777, tool.mtimeMs]).toEqual([0o555, 1000]);
    expect(readFileSync(store.logPath(drv), 'utf8')).toBe('making\n0022\ndone\n');
    expect(events.map((event) => event.kind)).toEqual([
      'plan',
      'buildStarted',
      'logLine',
      'logLine',
      'logLine',
      'buildEnded',
    ]);
    expect((await run(store, drv)).events).toEqual([]);
    expect(readdirSync(store.layout.objects).sort()).toEqual(
      ['.links', '.nixlet', ...store.validPaths().map((valid) => valid.slice(11))].sort(),
    );
  });

  it("finds Nix's environment and nothing of the host's", async () => {
    const store = openTestStore();
    const drv = addDerivation(store, {
      name: 'environment',
      env: {
        PATH: '/usr/bin',
        greeting: 'hello ü',
        passAsFile: 'long',
        long: 'a long text',
        token: '/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9',
      },
      script: `env | sort | grep -v '^_=\\|SHLVL'; id -u; id -g; id -un; hostname; pwd; cat $longPath; echo
        ls /; ls /nix/store; cat /etc/hosts; ls /proc | grep -c '^[0-9]' | grep -q '^[1-9]$' && echo few processes
        echo again > /dev/stderr; touch /nix/store/other && echo "$$" > $out`,
    });
    process.env.NIXLET_TEST_SECRET = 'secret';
    const { lines, error } = await run(store, drv, { cores: 3 });
    expect(error).toBeUndefined();
    const out = output(store, drv);
    expect(lines).toEqual([
      'HOME=/homeless-shelter',
      'NIX_BUILD_CORES=3',
      'NIX_BUILD_TOP=/build',
      'NIX_LOG_FD=2',
      'NIX_STORE=/nix/store',
      'PATH=/usr/bin',
      'PWD=/build',
      'TEMP=/build',
      'TEMPDIR=/build',
      'TERM=xterm-256color',
      'TMP=/build',
      'TMPDIR=/build',
      'greeting=hello ü',
      expect.stringMatching(/^longPath=\/build\/\.attr-[0-9a-z]{52}$/),
      'name=environment',
      `out=${out}`,
      'passAsFile=long',
      `token=${out}`,
      '1000',
      '100',
      'nixbld',
      'localhost',
      '/build',
      'a long text',
      ...['bin', 'build', 'dev', 'etc', 'lib', 'lib64', 'nix', 'proc', 'tmp', 'usr'],
      '127.0.0.1 localhost',
      '::1 localhost',
      'few processes',
      'again',
    ]);
    expect(existsSync(store.realPath('/nix/store/other'))).toBe(false);
  });

  it('sees the closure of its inputs and refers to what it uses', async () => {
    const store = openTestStore();
    const source = store.addText('source.txt', 'from a source\n');
    const unused = store.addText('unused.txt', 'x');
    const link = addDerivation(store, { name: 'link', script: `ln -s ${source} $out`, sources: [source] });
    const first = addDerivation(store, {
      name: 'first',
      script: `mkdir $out; echo ${source} > $out/ref; echo $out > $out/self`,
      sources: [source],
    });
    const second = addDerivation(store, {
      name: 'second',
      script: `ls /nix/store; cat ${output(store, link)} $(cat ${output(store, first)}/ref)
        ! touch ${output(store, first)}/x 2>/dev/null; ln -s ${output(store, first)}/ref $out`,
      inputs: [first, link],
      sources: [unused],
    });
    const { lines, error } = await run(store, second);
    expect(error).toBeUndefined();
    const base = (path: string) => path.slice('/nix/store/'.length);
    expect(lines).toEqual([
      ...[source, unused, output(store, first), output(store, link)].map(base).sort(),
      'from a source',
      'from a source',
    ]);
    expect(store.pathInfo(output(store, first))!.references).toEqual([source, output(store, first)].sort());
    expect(store.pathInfo(output(store, second))!.references).toEqual([output(store, first)]);
  });

  it('makes several outputs that refer to each other, and refuses cycles', async () => {
    const store = openTestStore();
    const good = addDerivation(store, {
      name: 'several',
      outputs: ['out', 'dev'],
      script: 'echo lib > $out; mkdir $dev; ln -s $out $dev/lib',
    });
    expect((await run(store, good)).error).toBeUndefined();
    expect(store.pathInfo(output(store, good, 'dev'))!.references).toEqual([output(store, good)]);
    const bad = addDerivation(store, {
      name: 'cyclic',
      outputs: ['out', 'dev'],
      script: 'echo $dev > $out; echo $out > $dev',
    });
    const { error } = await run(store, bad);
    expect(error?.message).toMatch(
      /^cycle detected in build of '.*cyclic.drv' in the references of output '(out|dev)' from/,
    );
    expect(store.pathInfo(output(store, bad))).toBeUndefined();
  });

  it('has a network only for fixed outputs', async () => {
    const store = openTestStore();
    const script = 'grep -c : /proc/net/dev; ls /etc; echo -n "$http_proxy" >&2; echo -n x > $out';
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('x')));
    const closed = await run(store, addDerivation(store, { name: 'closed', script }));
    expect(closed.lines).toEqual(['1', 'group', 'hosts', 'passwd']);
    const drv = addDerivation(store, {
      name: 'open',
      script,
      env: { impureEnvVars: 'http_proxy' },
      fixed: { method: 'flat', digest },
    });
    const open = await run(store, drv, { environment: { http_proxy: 'http://proxy.example.org' } });
    expect(open.error).toBeUndefined();
    expect(open.lines).toContain('nsswitch.conf');
    expect(open.lines.at(-1)).toBe('http://proxy.example.org');
    expect(store.pathInfo(output(store, drv))!.ca).toMatch(/^fixed:sha256:/);
  });

  it('needs nothing of the host but bubblewrap: a loader and a shell out of the store do', async () => {
    const store = openTestStore();
    const tools = addDerivation(store, {
      name: 'tools',
      script:
        'mkdir $out; cp /usr/bin/bash $(ldd /usr/bin/bash | grep -o "/[^ ]*") $out; mv $out/ld-linux* $out/loader',
    });
    const drv = addDerivation(store, {
      name: 'pure',
      inputs: [tools],
      builder: `${output(store, tools)}/loader`,
      args: ['--library-path', output(store, tools), `${output(store, tools)}/bash`, '-c', 'echo /*; echo pure > $out'],
    });
    expect((await run(store, tools)).error).toBeUndefined();
    const { lines, error } = await run(store, drv, { sandbox: { bwrap: shellSandbox().bwrap } });
    expect(error).toBeUndefined();
    expect(lines).toEqual(['/build /dev /etc /nix /proc /tmp']);
    // The same, with bubblewrap itself started through a loader.
    const loader = { path: '/lib64/ld-linux-x86-64.so.2', libraryPath: ['/lib/x86_64-linux-gnu'] };
    const again = addDerivation(store, {
      name: 'pure-again',
      inputs: [tools],
      builder: `${output(store, tools)}/loader`,
      args: [
        '--library-path',
        output(store, tools),
        `${output(store, tools)}/bash`,
        '-c',
        '/bin/sh -c "echo $0 > $out"',
      ],
    });
    const shell = `${output(store, tools)}/bash`;
    const second = await run(store, again, { sandbox: { bwrap: shellSandbox().bwrap, loader, shell } });
    // /bin/sh is there, though this one cannot start without a loader at its usual place.
    expect(second.error?.message).toContain('failed with exit code 127');
  });

  it('finds structured attributes as JSON and as Bash declarations', async () => {
    const store = openTestStore();
    const source = store.addText('graph.txt', 'x');
    const json = JSON.stringify({
      name: 'structured',
      text: "it's",
      list: ['a b', 1, true, false, null],
      set: { 'k 1': 'v', n: 2 },
      half: 1.5,
      deep: [[1]],
      'not-a-name': 1,
      exportReferencesGraph: { graph: [source] },
    }).replace('"half":1.5', '"half":1.5,"one":1.0');
    const drv = addDerivation(store, {
      name: 'structured',
      env: { __json: json },
      sources: [source],
      script:
        'export PATH=/usr/bin; cat $NIX_ATTRS_SH_FILE; . $NIX_ATTRS_SH_FILE; cp $NIX_ATTRS_JSON_FILE $' +
        '{outputs[out]}',
    });
    const { lines, error } = await run(store, drv);
    expect(error).toBeUndefined();
    expect(lines).toEqual([
      "declare -a list=('a b' 1 1  '' )",
      "declare name='structured'",
      'declare one=1',
      expect.stringMatching(/^declare -A outputs=\(\['out'\]='\/nix\/store\/.*-structured' \)$/),
      "declare -A set=(['k 1']='v' ['n']=2 )",
      "declare text='it'\\''s'",
    ]);
    const written = JSON.parse(readFileSync(store.realPath(output(store, drv)), 'utf8'));
    expect(written.outputs.out).toBe(output(store, drv));
    expect(written.graph).toEqual([
      expect.objectContaining({ path: source, narSize: 120, closureSize: 120, references: [], valid: true }),
    ]);
  });

  it('gets the references graph of its inputs', async () => {
    const store = openTestStore();
    const leaf = store.addText('leaf.txt', 'x');
    const node = store.addText('node.txt', leaf, [leaf]);
    const drv = addDerivation(store, {
      name: 'graph',
      sources: [node],
      env: { exportReferencesGraph: `graph ${node}` },
      script: 'cp graph $out',
    });
    expect((await run(store, drv)).error).toBeUndefined();
    const record = (path: string, ...references: string[]) =>
      [path, '', references.length, ...references, ''].join('\n');
    const [a, b] = [leaf, node].sort();
    const text = [a, b].map((path) => (path === leaf ? record(leaf) : record(node, leaf))).join('');
    expect(readFileSync(store.realPath(output(store, drv)), 'utf8')).toBe(text);
  });
});

describe('without a sandbox', () => {
  it('is refused where the store is elsewhere', async () => {
    const store = openTestStore();
    const { error } = await run(store, addDerivation(store, { name: 'loose' }), { sandbox: false });
    expect(error?.message).toContain('without a sandbox in the store at');
    expect(error?.hint).toContain('--option sandbox false');
  });

  it('builds in a store at /nix/store, and kills what a builder leaves running', async () => {
    const store = openTestStore();
    const drv = addDerivation(store, {
      name: 'loose',
      env: { text: 'x', passAsFile: 'text' },
      script: 'echo $0; [ $PWD = $NIX_BUILD_TOP ]; cat $textPath; sleep 1000 & mkdir $out; echo $out > $out/self',
    });
    const bad = addDerivation(store, { name: 'bad', script: 'echo half > $out; exit 1' });
    store.close();
    const script = new URL('realise-process.ts', import.meta.url).pathname;
    const realiseIt = (drvPath: string) => {
      const inside = [process.execPath, script, '/', drvPath, 'unsandboxed'];
      const args = ['--dev-bind', '/', '/', '--bind', join(store.layout.root, 'nix'), '/nix', ...inside];
      return spawnSync('bwrap', args, { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => line !== '');
    };
    expect(realiseIt(drv)).toEqual(['plan', 'buildStarted', 'log bash', 'log x', 'buildEnded', 'realised']);
    const again = openTestStore(store.layout.root);
    expect(again.pathInfo(output(again, drv))?.references).toEqual([output(again, drv)]);
    expect(realiseIt(bad)).toContain(`failed: Cannot build '${bad}'.`);
    expect(existsSync(store.realPath(output(again, bad)))).toBe(false);
  });
});
