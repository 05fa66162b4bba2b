// Serves calls that arrive as JSON lines on standard input: {"id", "call", "arguments"}. Each is answered by one
// line {"id", "value"} or {"id", "error"}; everything a client prints goes to standard error.
import {createInterface} from 'node:readline';

const answer = process.stdout.write.bind(process.stdout);
console.log = console.info = console.debug = console.warn = console.error;

function described(error) {
  if (error === null || typeof error !== 'object') return {name: 'value', message: String(error)};
  const {name, message, code, statusCode, requestId, retryable} = error;
  return {name, message, code, statusCode, requestId, retryable};
}

async function handle(calls, line) {
  const {id, call, arguments: given} = JSON.parse(line);
  try {
    const value = await calls[call](...given);
    answer(JSON.stringify({id, value: value === undefined ? null : value}) + '\n');
  } catch (error) {
    answer(JSON.stringify({id, error: described(error)}) + '\n');
  }
}

export function serve(calls, atEnd = () => {}) {
  const lines = createInterface({input: process.stdin});
  lines.on('line', (line) => handle(calls, line));
  lines.on('close', async () => {
    await atEnd();
    process.exit(0);
  });
}

// Puts the clock of this process off by so many milliseconds, as seen by everything loaded later.
export function shiftClock(milliseconds) {
  const Real = globalThis.Date;
  globalThis.Date = class Date extends Real {
    constructor(...given) {
      if (given.length === 0) super(Real.now() + milliseconds);
      else super(...given);
    }
    static now() {
      return Real.now() + milliseconds;
    }
  };
}
