/** The messages of failed builds, in Nix's words, and the exit codes that follow from them. */
import { compareBytewise } from '../base/order.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { type Hash, printHash } from '../derivation/hash-string.ts';
import { isFixedOutput, outputPath } from '../derivation/output-paths.ts';
import { NixError } from '../errors/nix-error.ts';

export const exitCodes = { failed: 100, timedOut: 101, hashMismatch: 102, notDeterministic: 104 } as const;

/** The exit code of a run in which these failures happened. Nix combines them bit by bit. */
export function exitCodeOf(failures: readonly NixError[]): number {
  return (
    failures
      .map((error) => error.exitCode)
      .filter((code) => code >= 100 && code < 128)
      .reduce((all, code) => all | code, 0) || 1
  );
}

function buildError(message: string, exitCode: number = exitCodes.failed, hint?: string, cause?: unknown): NixError {
  return new NixError(message, { class: 'BuildError', exitCode, hint, cause });
}

function cannotBuild(drvPath: string, drv: Derivation | undefined, reason: string): string {
  const paths = [...(drv?.outputs.values() ?? [])].map(outputPath).filter((path) => path !== undefined);
  const list = paths.sort(compareBytewise).map((path) => `\n  ${path}`);
  return `Cannot build '${drvPath}'.\nReason: ${reason}.${paths.length > 0 ? `\nOutput paths:${list.join('')}` : ''}`;
}

export interface LogExcerpt {
  readonly lines: readonly string[];
  /** `nix log` or `nix-store -l`. */
  readonly command: string;
}

/**
 * `status`: "failed with exit code 1". The excerpt is left out where the log was printed as it came. A fixed output that
 * could not be fetched today may be there tomorrow: such a failure is not permanent, and has no code of its own.
 */
export function builderFailed(
  drvPath: string,
  drv: Derivation,
  status: string,
  log: LogExcerpt | undefined,
  diskFull: boolean,
): NixError {
  let message = cannotBuild(drvPath, drv, `builder ${status}`);
  if (log && log.lines.length > 0) {
    message += `\nLast ${log.lines.length} log lines:\n${log.lines.map((line) => `> ${line}\n`).join('')}`;
    message += `For full logs, run:\n  ${log.command} ${drvPath}`;
  }
  if (diskFull) message += '\nnote: build failure may have been caused by lack of free disk space';
  return buildError(message, diskFull || isFixedOutput(drv) ? 1 : exitCodes.failed);
}

/** A builder in this process says itself what is wrong. */
export function builtinFailed(drvPath: string, drv: Derivation, error: unknown): NixError {
  const { message, code } = error as NodeJS.ErrnoException;
  const known = error instanceof NixError ? error : undefined;
  const exitCode = known && known.exitCode >= 100 ? known.exitCode : isFixedOutput(drv) ? 1 : exitCodes.failed;
  const hint =
    known?.hint ??
    (code === 'ENOSPC' ? 'The disk is full. Nothing was registered; free some space and try again.' : undefined);
  const failure = buildError(
    cannotBuild(drvPath, drv, (message || String(error)).replace(/\.$/, '')),
    exitCode,
    hint,
    error,
  );
  if (known) failure.trace.push(...known.trace);
  return failure;
}

export function dependenciesFailed(drvPath: string, drv: Derivation, count: number): NixError {
  // No code of its own: the dependency's counts.
  return buildError(cannotBuild(drvPath, drv, `${count} ${count === 1 ? 'dependency' : 'dependencies'} failed`), 1);
}

export function wrongPlatform(drvPath: string, wanted: string, current: string): NixError {
  return buildError(
    `Cannot build '${drvPath}'.\nReason: platform mismatch\nRequired system: '${wanted}'\nCurrent system: '${current}'`,
  );
}

export function missingFeatures(drvPath: string, required: readonly string[], available: readonly string[]): NixError {
  return buildError(
    `Cannot build '${drvPath}'.\nReason: missing system features\nRequired features: {${required.join(', ')}}\n` +
      `Available features: {${available.join(', ')}}`,
  );
}

export function localBuildsDisabled(drvPath: string): NixError {
  return buildError(
    `Cannot build '${drvPath}'.\nReason: local builds are disabled (max-jobs = 0)\n` +
      "Hint: set 'max-jobs' to a non-zero value to enable local builds, or configure remote builders via 'builders'",
  );
}

export function timedOut(drvPath: string, seconds: number, silent: boolean): NixError {
  return buildError(
    silent
      ? `building of '${drvPath}' timed out after ${seconds} seconds of silence`
      : `building of '${drvPath}' timed out after ${seconds} seconds`,
    exitCodes.timedOut,
  );
}

export function hashMismatch(drvPath: string, specified: Hash, got: Hash, hint?: string): NixError {
  return buildError(
    `hash mismatch in fixed-output derivation '${drvPath}':\n  specified: ${printHash(specified, 'sri')}\n` +
      `     got:    ${printHash(got, 'sri')}`,
    exitCodes.hashMismatch,
    hint,
  );
}

export function fixedOutputWithReferences(drvPath: string, references: readonly string[]): NixError {
  return buildError(
    `fixed-output derivations must not reference store paths: '${drvPath}' references ${references.length} distinct paths, e.g. '${references[0]}'`,
    exitCodes.hashMismatch,
  );
}

export function outputMissing(drvPath: string, output: string, path: string): NixError {
  return buildError(`builder for '${drvPath}' failed to produce output path for output '${output}' at '${path}'`, 1);
}

export function suspiciousOutput(output: string, path: string): NixError {
  return buildError(
    `suspicious ownership or permission on '${path}' for output '${output}'; rejecting this build output`,
    1,
  );
}

export function notAFlatFile(path: string): NixError {
  return buildError(
    `output path '${path}' should be a non-executable regular file since recursive hashing is not enabled (one of outputHashMode={flat,text} is true)`,
    1,
  );
}

export function outputCycle(drvPath: string, output: string, from: string): NixError {
  return buildError(
    `cycle detected in build of '${drvPath}' in the references of output '${output}' from output '${from}'`,
    1,
  );
}

export function notDeterministic(drvPath: string, path: string, kept: string | undefined): NixError {
  const differs = kept === undefined ? `output '${path}' differs` : `output '${path}' differs from '${kept}'`;
  return buildError(`derivation '${drvPath}' may not be deterministic: ${differs}`, exitCodes.notDeterministic);
}

export function checkRejected(message: string): NixError {
  return buildError(message, 1);
}

export function cannotCheck(drvPath: string): NixError {
  return buildError(`some outputs of '${drvPath}' are not valid, so checking is not possible`, 1);
}

export function noSuchOutputs(drvPath: string, names: readonly string[]): NixError {
  return buildError(
    `derivation '${drvPath}' does not have wanted outputs ${names.map((name) => `'${name}'`).join(', ')}`,
    1,
  );
}

export function unknownBuiltin(name: string): NixError {
  return buildError(`unsupported builtin builder '${name}'`);
}

export function experimentalOutputs(drvPath: string, feature: string): NixError {
  return buildError(`cannot build '${drvPath}': experimental Nix feature '${feature}' is not supported`, 1);
}

export function noSubstitute(path: string): NixError {
  return new NixError(`path '${path}' does not exist and cannot be created`, { class: 'BuildError' });
}

export function inputMissing(path: string, drvPath: string): NixError {
  return buildError(`dependency '${path}' of '${drvPath}' does not exist, and no substituter has it`, 1);
}

export function substitutesFailed(drvPath: string, cause: unknown): NixError {
  return buildError(
    `some substitutes for the outputs of derivation '${drvPath}' failed (usually happens due to networking issues); try '--fallback' to build derivation from source`,
    1,
    undefined,
    cause,
  );
}

export function severalFailed(paths: readonly string[], exitCode: number): NixError {
  return new NixError(`build of ${paths.map((path) => `'${path}'`).join(', ')} failed`, {
    class: 'BuildError',
    exitCode,
  });
}

export function interrupted(): NixError {
  return new NixError('interrupted by the user', { class: 'Error' });
}
