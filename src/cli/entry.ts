/** Where the process starts. */
import { start } from './main.ts';

await start();
