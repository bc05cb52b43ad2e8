/**
 * Wide, cold code in a process of its own: `engine_cold.ts PASSES`.
 *
 * @module
 */

import { fastEngine } from "../core/fast/engine.ts";
import { time } from "./engine_measure.ts";
import { wide, worldOf } from "./engine_world.ts";

time(fastEngine(), worldOf(wide(Number(Deno.args[0])), false), 1_000_000);
Deno.exit(); // as the command line ends: nothing is left to take apart
