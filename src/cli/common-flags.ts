/** Flags that several commands share, and the options that they fill. */
import type { AutoArg } from '../api/evaluation.ts';
import { settingAliases, settingKinds } from '../api/settings.ts';
import type { Flag } from './options.ts';

export interface EvalOptions {
  readonly autoArgs: AutoArg[];
  /** -I, in order. */
  readonly includes: string[];
  /** Settings given by flags, in order: name and text. */
  readonly settings: [string, string][];
  readonly attrPaths: string[];
  storeRoot: string | undefined;
  fromArgs: boolean;
  verbosity: number;
  help: boolean;
}

export function evalOptions(): EvalOptions {
  return {
    autoArgs: [],
    includes: [],
    settings: [],
    attrPaths: [],
    storeRoot: undefined,
    fromArgs: false,
    verbosity: 0,
    help: false,
  };
}

function setting(names: string[], name: string, value: string, doc: string): Flag<EvalOptions> {
  return { names, doc, apply: (options) => void options.settings.push([name, value]) };
}

function settingWithValue(names: string[], name: string, value: string, doc: string): Flag<EvalOptions> {
  return { names, values: [value], doc, apply: (options, text) => void options.settings.push([name, text!]) };
}

/** Every setting is a flag, too: --NAME VALUE, --NAME and --no-NAME of a Boolean one, --extra-NAME of a list. */
function flagsOfSettings(): Flag<EvalOptions>[] {
  const aliases = Object.entries(settingAliases).map(
    ([alias, name]) => [alias, settingKinds[name as keyof typeof settingKinds]] as const,
  );
  return [...Object.entries(settingKinds), ...aliases, ['warn-short-path-literals', 'boolean'] as const].flatMap(
    ([name, kind]) => {
      const own =
        kind === 'boolean'
          ? setting([`--${name}`], name, 'true', '')
          : settingWithValue([`--${name}`], name, 'VALUE', '');
      const opposite = kind === 'boolean' ? [setting([`--no-${name}`], name, 'false', '')] : [];
      const more = kind === 'words' ? [settingWithValue([`--extra-${name}`], `extra-${name}`, 'VALUE', '')] : [];
      return [own, ...opposite, ...more].map((flag) => ({ ...flag, hidden: true }));
    },
  );
}

export const evalFlags: readonly Flag<EvalOptions>[] = [
  ...flagsOfSettings(),
  {
    names: ['--arg'],
    values: ['NAME', 'EXPR'],
    doc: 'pass the value of EXPR as argument NAME of the top-level function',
    apply: (options, name, text) => void options.autoArgs.push({ name: name!, kind: 'expression', text: text! }),
  },
  {
    names: ['--argstr'],
    values: ['NAME', 'STRING'],
    doc: 'pass STRING as argument NAME of the top-level function',
    apply: (options, name, text) => void options.autoArgs.push({ name: name!, kind: 'string', text: text! }),
  },
  {
    names: ['--arg-from-file'],
    values: ['NAME', 'FILE'],
    doc: 'pass the content of FILE as argument NAME',
    apply: (options, name, text) => void options.autoArgs.push({ name: name!, kind: 'file', text: text! }),
  },
  {
    names: ['--arg-from-stdin'],
    values: ['NAME'],
    doc: 'pass standard input as argument NAME',
    apply: (options, name) => void options.autoArgs.push({ name: name!, kind: 'stdin', text: '' }),
  },
  {
    names: ['-I', '--include'],
    values: ['PATH'],
    doc: 'look <...> up here first: a directory, or name=directory',
    apply: (options, path) => void options.includes.push(path!),
  },
  {
    names: ['-A', '--attr'],
    values: ['ATTRPATH'],
    doc: 'take this attribute of the result (may be given several times)',
    apply: (options, path) => void options.attrPaths.push(path!),
  },
  {
    names: ['-E', '--expr'],
    doc: 'arguments are expressions, not files',
    apply: (options) => void (options.fromArgs = true),
  },
  {
    names: ['--option'],
    values: ['NAME', 'VALUE'],
    doc: 'set a setting of nix.conf; --NAME VALUE does the same',
    apply: (options, name, value) => void options.settings.push([name!, value!]),
  },
  settingWithValue(
    ['--extra-experimental-features'],
    'extra-experimental-features',
    'FEATURES',
    'enable experimental features',
  ),
  settingWithValue(
    ['--experimental-features'],
    'experimental-features',
    'FEATURES',
    'enable just these experimental features',
  ),
  settingWithValue(['--system'], 'system', 'SYSTEM', 'evaluate and build for this system'),
  settingWithValue(['--max-call-depth'], 'max-call-depth', 'N', 'how deep calls may nest'),
  settingWithValue(['--allowed-uris'], 'allowed-uris', 'URIS', 'URIs that restricted evaluation may access'),
  settingWithValue(['--debian-mirror'], 'debian-mirror', 'URL', 'where Debian packages come from'),
  setting(['--show-trace'], 'show-trace', 'true', 'show the whole trace of an evaluation error'),
  setting(['--no-show-trace'], 'show-trace', 'false', 'show the short trace of an evaluation error'),
  setting(['--impure'], 'pure-eval', 'false', 'allow what pure evaluation forbids'),
  setting(['--pure-eval'], 'pure-eval', 'true', 'evaluate without access to files and environment'),
  setting(['--restrict-eval'], 'restrict-eval', 'true', 'allow only files of the search path'),
  setting(['--trace-verbose'], 'trace-verbose', 'true', 'print what builtins.traceVerbose is given'),
  setting(['--no-eval-cache'], 'eval-cache', 'false', 'evaluate even where nothing has changed'),
  setting(['--eval-cache'], 'eval-cache', 'true', 'take answers from earlier evaluations where nothing has changed'),
  setting(['--abort-on-warn'], 'abort-on-warn', 'true', 'make builtins.warn an error'),
  {
    names: ['--store'],
    values: ['ROOT'],
    doc: 'use the store below this directory (ROOT/nix/store)',
    apply: (options, root) => void (options.storeRoot = root!),
  },
  { names: ['-v', '--verbose'], doc: 'say more', apply: (options) => void options.verbosity++ },
  { names: ['--quiet'], doc: 'say less', apply: (options) => void options.verbosity-- },
  { names: ['--help'], doc: 'this text', apply: (options) => void (options.help = true) },
];

export interface BuildOptions extends EvalOptions {
  dryRun: boolean;
  check: boolean;
  repair: boolean;
  /** --no-build-output */
  silent: boolean;
}

export function buildOptions(): BuildOptions {
  return { ...evalOptions(), dryRun: false, check: false, repair: false, silent: false };
}

export const buildFlags: readonly Flag<BuildOptions>[] = [
  ...(evalFlags as readonly Flag<BuildOptions>[]),
  settingWithValue(
    ['-j', '--max-jobs'],
    'max-jobs',
    'N',
    'how many builds run at once (auto: one per core)',
  ) as Flag<BuildOptions>,
  settingWithValue(['--cores'], 'cores', 'N', 'NIX_BUILD_CORES of builders (0: all)') as Flag<BuildOptions>,
  settingWithValue(['--timeout'], 'timeout', 'SECONDS', 'stop a build that takes longer') as Flag<BuildOptions>,
  settingWithValue(
    ['--max-silent-time'],
    'max-silent-time',
    'SECONDS',
    'stop a build that prints nothing for so long',
  ) as Flag<BuildOptions>,
  settingWithValue(['--log-lines'], 'log-lines', 'N', 'lines of the log shown of a failed build') as Flag<BuildOptions>,
  setting(
    ['-k', '--keep-going'],
    'keep-going',
    'true',
    'go on with other builds after a failure',
  ) as Flag<BuildOptions>,
  setting(
    ['-K', '--keep-failed'],
    'keep-failed',
    'true',
    'keep the build directory of a failed build',
  ) as Flag<BuildOptions>,
  setting(['--fallback'], 'fallback', 'true', 'build what cannot be fetched') as Flag<BuildOptions>,
  setting(['--no-sandbox'], 'sandbox', 'false', 'run builders without a sandbox') as Flag<BuildOptions>,
  { names: ['--dry-run'], doc: 'show what would be built, and stop', apply: (options) => void (options.dryRun = true) },
  {
    names: ['--check'],
    doc: 'build again and compare with what is in the store',
    apply: (options) => void (options.check = true),
  },
  {
    names: ['--repair'],
    doc: 'build again what is damaged in the store',
    apply: (options) => void (options.repair = true),
  },
  {
    names: ['-Q', '--no-build-output'],
    doc: "do not show builders' output",
    apply: (options) => void (options.silent = true),
  },
  { names: ['-L', '--print-build-logs'], doc: "show builders' output (it is shown anyway)", apply: () => {} },
  { names: ['--log-format'], values: ['FORMAT'], doc: 'raw or bar', apply: () => {} },
  {
    names: ['--builders'],
    values: ['SPEC'],
    doc: 'accepted, without effect: there are no remote builders',
    apply: () => {},
  },
];
