/** Where the process starts: runs the command line and leaves with its code. */
import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2), process.env.NIXLET_INVOKED_AS);
