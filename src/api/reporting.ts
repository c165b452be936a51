/** What happens during a realisation as the lines that C++ Nix prints; for logs, pipes and threads. */
import { renderError } from '../errors/render.ts';
import { describePlan } from '../realise/plan.ts';
import type { BuildEvent, BuildReporter } from '../realise/reporter.ts';

export type { BuildEvent, BuildReporter };

export interface LineOptions {
  /** Builders' own output is left out. */
  readonly silent?: boolean;
  /** Builtin builders that only fetch and unpack say nothing of themselves unless this is above 0. */
  readonly verbosity?: number;
}

export function plainReporter(line: (text: string) => void, { silent = false }: LineOptions = {}): BuildReporter {
  return {
    report(event) {
      switch (event.kind) {
        case 'plan':
          for (const text of describePlan(event.plan)) line(text);
          return;
        case 'buildStarted':
          line(event.check ? `checking outputs of '${event.drvPath}'...` : `building '${event.drvPath}'...`);
          return;
        case 'logLine':
          if (!silent) line(event.line);
          return;
        case 'waitingForLock':
          line(`waiting for lock on ${event.paths.map((path) => `'${path}'`).join(', ')}`);
          return;
        case 'fetchStarted':
          line(`copying path '${event.path}' from '${event.from}'...`);
          return;
        case 'notice':
          line(event.text);
          return;
        case 'warning':
          line(`warning: ${event.text}`);
          return;
        case 'error':
          line(renderError(event.error, { showTrace: false, color: false }));
          return;
        case 'phase':
        case 'download':
        case 'buildEnded':
        case 'fetchProgress':
        case 'fetchEnded':
          return;
      }
    },
  };
}
