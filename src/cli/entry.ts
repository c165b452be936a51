/** Where the process starts. */
import { optimiseLater } from '../api/optimise.ts';
import { start } from './main.ts';

optimiseLater();
await start();
