/**
 * The long property run of the fast protocol, and the replay of one log.
 *
 *     deno task soak:protocol [SEED [TRIPS]]
 *     deno task soak:protocol SEED:LOG:LENGTH
 *
 * @module
 */

import { report, runLog, runLogs, type Tally } from "./fast_protocol_logs.ts";

const length = 400;

const say = (line: string): void => {
  // deno-lint-ignore no-console -- a program for a terminal
  console.log(line);
};

/** Plays the log a token names and says how it went. */
const again = (token: string): void => {
  const [seed = 0, index = 0, events = length] = token.split(":").map(Number);
  const tally: Tally = { trips: 0, codes: [0, 0, 0] };
  const failure = runLog(seed, index, events, tally);
  say(failure === null ? `${token}: the two agree` : report(token, failure));
};

const [first = String(Math.floor(Math.random() * 2 ** 32)), trips = "1000000"] =
  Deno.args;
if (first.includes(":")) again(first);
else {
  say(`seed ${first}`);
  const tally = runLogs(Number(first), Number(trips), length);
  const [done = 0, refused = 0, slow = 0] = tally.codes;
  say(
    `${tally.trips} round trips; events: ${done} fast, ${refused} refused, ${slow} left to the pure code`,
  );
}
