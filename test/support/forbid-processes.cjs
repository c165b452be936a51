/* Loaded before nixlet (node --require): whoever tries to start a process fails, and says so. */
const childProcess = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');

const forbidden = (name) => () => {
  throw new Error(`FORBIDDEN: ${name} was called`);
};
for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'])
  childProcess[name] = forbidden(name);
childProcess.ChildProcess.prototype.spawn = forbidden('ChildProcess.spawn');
process.execve = forbidden('process.execve');
syncBuiltinESMExports();
