/**
 * One REC exit of every kind, played by the model: what the flags of the next
 * entry are judged by.
 *
 * @module
 */

import { codeOf, sysregIss } from "../arch/sysreg.ts";
import { EC, syndrome } from "../arch/esr.ts";
import { step } from "../step.ts";
import type { World } from "../world.ts";
import { hpfarAt, inside, type Place, type Setting } from "./scene.ts";
import { exceptionEvent } from "./syndrome.ts";

/** A kind of exit. */
interface Sample {
  readonly name: string;
  readonly place?: Place;
  /** ESR_EL2; absent for an interrupt. */
  readonly esr?: bigint;
  /** First argument registers, where the exit is a call. */
  readonly x?: readonly bigint[];
}

/** RSI_IPA_STATE_SET of one page at the UART's Protected address to RAM. */
const state_set = [0xc400_0197n, 0x0900_0000n, 0x0900_1000n, 1n] as const;

const icc_sgi1r = codeOf("icc_sgi1r_el1");

const samples: readonly Sample[] = [
  { name: "load, Unprotected, ISV=1", esr: 0x9383_0007n },
  { name: "store, Unprotected, ISV=1", esr: 0x9383_0047n },
  { name: "data abort, Unprotected, ISV=0", esr: 0x9200_0007n },
  { name: "data abort, Protected", esr: 0x9383_0007n, place: "protected" },
  { name: "instruction abort", esr: 0x8200_0007n, place: "protected" },
  { name: "WFI", esr: syndrome(EC.WFX, 0x1e0_0000) },
  {
    name: "write of ICC_SGI1R_EL1",
    esr: syndrome(EC.SYS64, sysregIss(icc_sgi1r, 3, false)),
  },
  {
    name: "RIPAS change to RAM",
    esr: syndrome(EC.SMC64, 0),
    x: state_set,
  },
  { name: "IRQ" },
];

/** A world whose REC 0 has just exited so, and may be entered again. */
export interface Exited {
  readonly name: string;
  readonly world: World;
}

const withX = (world: World, x: readonly bigint[]): World => ({
  ...world,
  realm: {
    ...world.realm,
    recs: world.realm.recs.map((rec) => ({
      ...rec,
      x: rec.x.map((value, n) => x[n] ?? value),
    })),
  },
});

/** Every kind of exit that this RMM makes, in the order above. */
export const exitedWorlds = (setting: Setting): readonly Exited[] =>
  samples.flatMap(({ name, place = "unprotected", esr, x = [] }) => {
    const entered = inside(setting, place);
    if (entered === null) return [];
    const world = withX(entered, x);
    const hpfar = hpfarAt(place, setting.ipa_bits);
    const event = esr === undefined
      ? { tag: "Irq", rec: 0 } as const
      : exceptionEvent(0, { esr, far: 0x18n, hpfar });
    const result = step(world, event);
    const out = result.tag === "Stepped" &&
      result.world.host.vcpus[0]?.at === "exit";
    return out ? [{ name, world: result.world }] : [];
  });
