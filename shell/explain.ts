/**
 * `recrun explain`: what a syndrome, an address, a flags word, a refusal, a
 * kernel line or an event of a run means.
 *
 * @module
 */

import * as Effect from "effect/Effect";
import type { Section } from "../core/explain/page.ts";
import { settingText } from "../core/explain/event.ts";
import { flagSection, outcomesSection } from "../core/explain/flags.ts";
import { hpfarSection, placeOf } from "../core/explain/hpfar.ts";
import {
  errnoSections,
  isErrno,
  own_refusals,
  ownSections,
  statusOf,
  statusSections,
} from "../core/explain/refusal.ts";
import {
  hpfarAt,
  inside,
  type Place,
  places,
  type Setting,
} from "../core/explain/scene.ts";
import {
  type Answer,
  elsewhere,
  explainException,
  page,
} from "../core/explain/syndrome.ts";
import { ipaOfHpfar } from "../core/arch/address.ts";
import { EC, ec } from "../core/arch/esr.ts";
import { readLine } from "../core/trace/line.ts";
import type { Main } from "./command.ts";
import {
  type Asked,
  badWord,
  readAsked,
  settingOf,
  wordOf,
} from "./explain/asked.ts";
import { explainAt } from "./explain/at.ts";
import { answerText, explainLines } from "./explain/lines.ts";
import { isBad } from "./flags.ts";
import { choices, default_options } from "./options.ts";
import { type BadInput, badInput, type Files, Terminal } from "./services.ts";

/** What `recrun explain --help` prints. */
export const usage = `\
recrun explain esr ESR [--far FAR] [--hpfar HPFAR | --unprotected | --protected |
                        --empty | --destroyed | --outside]
recrun explain hpfar HPFAR
recrun explain flags FLAGS
recrun explain refusal STATUS      RMI_ERROR_REC, an X0 such as 0x102, -EAGAIN,
                                   ${own_refusals.join(", ")}
recrun explain FILE@EVENT          event number of a scenario, a guest's run, a
                                   recording, or a trace written by run --trace
recrun explain 'KERNEL LINE'       kvm_guest_fault, kvm_mmio, kvm_exit,
                                   kvm_mmio_nisv, ...; without arguments lines
                                   are read from standard input

Says what each field means, what the RMM keeps and strips, what the host may do
next, and why an entry would fail, with rule and source. Every answer is asked
of the model.

  --rmm NAME       RMM profile: ${
  choices.rmm.join(", ")
} (default ${default_options.rmm})
  --spec           the RMM keeps to the specification where TF-RMM differs
  --kvm NAME       KVM revision: ${
  choices.kvm.join(", ")
} (default ${default_options.kvm})
  --ipa-bits N     realm IPA width, 32 to 48 (default ${default_options.ipa_bits})
`;

const encoder = new TextEncoder();

/** FAR_EL2 of an explanation that was given none: an address with an offset to recognise. */
const example_far = 0xffff_8000_0900_0018n;

const bad = (line: string): Effect.Effect<never, BadInput> =>
  Effect.fail(badInput(line));

const placeAsked = ({ given }: Asked): Place | null =>
  (Object.keys(places) as Place[]).find((place) => given.has(place)) ?? null;

const explainEsr = (
  esr: bigint,
  asked: Asked,
  setting: Setting,
): Effect.Effect<Answer, BadInput> => {
  if (1n << 56n <= esr) {
    return bad(`expected an ESR of 56 bits but found 0x${esr.toString(16)}`);
  }
  const { hpfar } = asked.words;
  const far = asked.words.far ?? example_far;
  const { ipa_bits } = setting;
  const place = placeAsked(asked) ??
    (hpfar === undefined
      ? "unprotected"
      : placeOf(ipaOfHpfar(hpfar), ipa_bits));
  const world = inside(setting, place);
  if (world === null) {
    return bad(
      `expected --ipa-bits to leave RAM in the Protected half but found ${ipa_bits}`,
    );
  }
  const answer = explainException(world, 0, {
    esr,
    far,
    hpfar: hpfar ?? hpfarAt(place, ipa_bits),
  });
  const setup: Section = {
    title: `asked at: ${places[place]}; ${settingText(setting)}`,
    rows: [],
  };
  const isAbort = ec(esr) === EC.DABT_LOW || ec(esr) === EC.IABT_LOW;
  const others = isAbort && hpfar === undefined
    ? [elsewhere(setting, esr, far)]
    : [];
  return Effect.succeed({
    ...answer,
    sections: [setup, ...answer.sections, ...others],
  });
};

const explainRefusal = (
  text: string,
  setting: Setting,
): Effect.Effect<Answer, BadInput> => {
  const status = statusOf(text);
  if (status !== null) {
    return Effect.succeed(
      page(...statusSections(setting, status.status, status.index)),
    );
  }
  if (own_refusals.includes(text)) {
    return Effect.succeed(page(...ownSections(text)));
  }
  if (isErrno(text)) {
    return Effect.succeed(page(...errnoSections(setting, text)));
  }
  return bad(
    `expected refusal to be an RMI status, its X0, an errno such as -EAGAIN or one of ${
      own_refusals.join(", ")
    } but found ${JSON.stringify(text)}`,
  );
};

const explainWord = (
  subject: string,
  word: bigint,
  asked: Asked,
  setting: Setting,
): Effect.Effect<Answer, BadInput> => {
  switch (subject) {
    case "esr":
      return explainEsr(word, asked, setting);
    case "hpfar":
      return Effect.succeed(page(hpfarSection(word, setting.ipa_bits)));
    default:
      return Effect.succeed(
        page(flagSection(word), outcomesSection(setting, word)),
      );
  }
};

const subjects = ["esr", "hpfar", "flags", "refusal"] as const;

const answer: (
  asked: Asked,
) => Effect.Effect<string, BadInput, Files | Terminal> = Effect.fnUntraced(
  function* (asked) {
    const setting = settingOf(asked.options);
    const [subject, value, ...more] = asked.rest;
    if (subject === undefined) {
      const terminal = yield* Terminal;
      const text = new TextDecoder().decode(yield* terminal.input);
      return yield* explainLines(text, "standard input", setting);
    }
    if (!(subjects as readonly string[]).includes(subject)) {
      if (/@\d+$/.test(subject) && value === undefined) {
        return answerText(yield* explainAt(subject, asked.options, setting));
      }
      const line = asked.rest.join(" ");
      const read = readLine(line);
      if (read.tag === "Event" || read.tag === "Malformed") {
        return yield* explainLines(line, "", setting);
      }
      return yield* bad(
        `expected ${
          subjects.join(", ")
        }, FILE@EVENT or a kernel line but found ${JSON.stringify(line)}`,
      );
    }
    if (value === undefined || more.length > 0) {
      return yield* bad(
        `expected ${subject} to be given one value but found ${
          asked.rest.length - 1
        }`,
      );
    }
    if (subject === "refusal") {
      return answerText(yield* explainRefusal(value, setting));
    }
    const word = wordOf(value);
    if (word === null) return yield* Effect.fail(badWord(subject, value));
    return answerText(yield* explainWord(subject, word, asked, setting));
  },
);

/** Explains what was asked; 0 when there was an answer. */
export const main: Main = Effect.fnUntraced(function* (args) {
  const terminal = yield* Terminal;
  const asked = readAsked(args);
  if (isBad(asked)) return yield* Effect.fail(asked);
  yield* terminal.out(encoder.encode(yield* answer(asked)));
  return 0;
});
