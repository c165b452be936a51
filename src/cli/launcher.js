#!/usr/bin/env -S node --stack-size=7000 --no-opt --no-flush-bytecode --initial-heap-size=256 --min-semi-space-size=4 --max-old-space-size=16384
/*
 * The program that `npm` links as `nixlet`. It finds a Node that is new enough and the code to run on it:
 * - this Node, if it is 24 or newer; else the pinned one (`node` as a dependency) installed beside us; else it says what it needs;
 * - the scripts of dist/ (a release, or a checkout after `npm ci`; .ci/program.ts says what they are), else the sources.
 * Plain JavaScript without dependencies, so that an old Node can read it. V8's flags stand in the first line because V8
 * takes them only at start: the stack size (in KiB), which keeps below the usual 8 MiB of the main thread (deeper
 * evaluations go on in a worker with a much larger one); no optimising compiler before it pays (api/optimise.ts switches
 * it on), no compiled function forgotten, no collection of old garbage before there is some, and no end at 4 GiB, which
 * several NixOS systems in one evaluation need (C++ Nix has no limit either).
 *
 * A script's functions come, compiled, from a file in the user's cache directory. It is written when a process ends that
 * has worked at least twice as long as the one that wrote it before, and so knows functions that one had no need of; the
 * doubling ends it soon. V8 believes what is in there, so it is there twice, and a file whose halves differ counts for
 * nothing. Figures: docs/decisions/0031-start-of-the-evaluator.md.
 */
const wanted = 24;
const flags = [
  '--stack-size=7000',
  '--no-opt',
  '--no-flush-bytecode',
  '--initial-heap-size=256',
  '--min-semi-space-size=4',
  '--max-old-space-size=16384',
];

/** By so much short processes differ that do the same. */
const marginMilliseconds = 30;

/** A module of Node's, without what `import` of it also does: it looks at every property, and so loads what is behind them. */
const builtin = process.getBuiltinModule ?? (await import('node:module')).createRequire(import.meta.url);
const fs = builtin('node:fs');
const { basename, dirname, join } = builtin('node:path');
const here = import.meta.dirname ?? dirname(builtin('node:url').fileURLToPath(import.meta.url));
const root = join(here, '..', '..');

process.env.NIXLET_INVOKED_AS ??= basename(process.argv[1] ?? 'nixlet');
if (Number(process.versions.node.split('.')[0]) < wanted) startPinnedNode();
else if (fs.existsSync(join(root, 'dist', 'nixlet.cjs'))) await scripts(join(root, 'dist'))('nixlet.cjs').start();
else {
  builtin('node:module').enableCompileCache(cacheDirectory());
  await (await import(join(root, 'src', 'cli', 'entry.ts'))).start();
}

function startPinnedNode() {
  const places = [join(root, 'node_modules', 'node', 'bin', 'node'), join(root, '..', 'node', 'bin', 'node')];
  const pinned = places.find((place) => fs.existsSync(place));
  if (!pinned) {
    process.stderr.write(
      `error: nixlet needs Node.js ${wanted} or newer, and this is ${process.version}.\n` +
        `       Install Node.js ${wanted}, or run \`npm install node@${wanted}\` beside nixlet.\n`,
    );
    process.exit(1);
  }
  const { spawnSync } = builtin('node:child_process');
  const done = spawnSync(pinned, [...flags, join(here, 'launcher.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
  if (done.error) throw done.error;
  process.exit(done.signal ? 128 + (builtin('node:os').constants.signals[done.signal] ?? 0) : (done.status ?? 1));
}

/** Of the user; nowhere for one who has no home. */
function cacheDirectory() {
  const { XDG_CACHE_HOME: caches, HOME: home } = process.env;
  if (caches || home) return join(caches || join(home, '.cache'), 'nixlet', 'v8');
  try {
    return join(builtin('node:os').homedir(), '.cache', 'nixlet', 'v8');
  } catch {
    return '/nonexistent';
  }
}

/** What loads the scripts of `directory`, each once: by file name, what it exports. */
function scripts(directory) {
  const vm = builtin('node:vm');
  const requirePackage = (id) => builtin('node:module').createRequire(join(directory, 'nixlet.cjs'))(id);
  const loaded = new Map();

  function load(file) {
    let module = loaded.get(file);
    if (module) return module.exports;
    loaded.set(file, (module = { exports: {} }));
    const path = join(directory, file);
    const text = fs.readFileSync(path, 'latin1');
    const cache = functionCache(file, text.slice(2, text.indexOf('*/')));
    const script = new vm.Script(`(function(exports,require,module,__filename,__dirname){${text}\n})`, {
      filename: path,
      cachedData: cache.functions,
    });
    if (script.cachedDataRejected) cache.functions = undefined;
    process.on('exit', () => cache.write(script));
    script.runInThisContext()(module.exports, requireFrom, module, path, directory);
    return module.exports;
  }

  function requireFrom(id, names) {
    const [, part, file] = /^nixlet:(\w+)\/(.*)$/.exec(id) ?? [];
    if (part !== undefined) return load(part === 'core' ? 'nixlet.cjs' : `nixlet-${part}.cjs`).modules[file]();
    return id.startsWith('node:') && names ? whenUsed(id, names) : (builtin(id) ?? requirePackage(id));
  }

  return load;
}

/** An object with these properties of a module of Node's, which is loaded when the first of them is asked for. */
function whenUsed(id, names) {
  const object = {};
  const fill = () => {
    const module = builtin(id);
    for (const name of names) Object.defineProperty(object, name, { value: module[name], writable: true });
  };
  for (const name of names)
    Object.defineProperty(object, name, {
      configurable: true,
      get() {
        fill();
        return object[name];
      },
    });
  return object;
}

/**
 * The file with the compiled functions of a script: a line with how long who wrote it has worked (milliseconds) and their
 * size, the functions, and the functions again. V8 refuses those of another version or with other flags.
 */
function functionCache(file, hash) {
  const flagNames = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  let number = 0;
  for (let i = 0; i < flagNames.length; i++) number = (Math.imul(number, 31) + flagNames.charCodeAt(i)) | 0;
  const directory = cacheDirectory();
  const name = `${file}-${hash}-${process.version}-${process.arch}-${(number >>> 0).toString(36)}`;
  const path = join(directory, name);
  const cache = {
    worked: 0,
    functions: undefined,
    write(script) {
      const { user, system } = process.cpuUsage();
      const worked = Math.ceil((user + system) / 1000);
      if (cache.functions !== undefined && worked < 2 * cache.worked + marginMilliseconds) return;
      try {
        // They are marked with the flags of now, and to be found with those of the start.
        if (process.execArgv.includes('--no-opt')) builtin('node:v8').setFlagsFromString('--no-opt');
        const functions = script.createCachedData();
        fs.mkdirSync(directory, { recursive: true });
        const temporary = join(directory, `.${name}.${process.pid}`);
        fs.writeFileSync(
          temporary,
          Buffer.concat([Buffer.from(`${worked} ${functions.length}\n`), functions, functions]),
        );
        fs.renameSync(temporary, path);
        keepNewest(directory, 16);
      } catch {
        // A full or read-only disk: the next process compiles again.
      }
    },
  };
  try {
    const bytes = fs.readFileSync(path);
    const end = bytes.indexOf(10);
    const [worked, size] = bytes.latin1Slice(0, end).split(' ').map(Number);
    const middle = end + 1 + size;
    if (bytes.length === middle + size && bytes.compare(bytes, end + 1, middle, middle) === 0) {
      cache.worked = worked;
      cache.functions = bytes.subarray(end + 1, middle);
    }
  } catch {
    // None yet.
  }
  return cache;
}

/** What other versions and flags have left behind goes in time. */
function keepNewest(directory, count) {
  const files = fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const aged = files.map(({ name }) => ({
    path: join(directory, name),
    written: fs.statSync(join(directory, name)).mtimeMs,
  }));
  for (const { path } of aged.sort((a, b) => b.written - a.written).slice(count)) fs.rmSync(path, { force: true });
}
