import { NixError } from '../../errors/nix-error.ts';

export function noRepair(): NixError {
  return new NixError('nixlet does not repair paths in place', {
    class: 'UsageError',
    hint: 'Delete the damaged path (nix-store --delete --ignore-liveness PATH) and realise it again.',
  });
}

export function repairPath(): never {
  throw noRepair();
}
