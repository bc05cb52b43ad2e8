/**
 * The peer: qemu-system-aarch64 (TCG) on the same kernels, if it is installed.
 *
 * @module
 */

const guest = (name: string): string =>
  new URL(`guests/${name}`, import.meta.url).pathname;

/** How QEMU is called; the guest follows. */
export const qemu_command =
  "qemu-system-aarch64 -M virt -cpu cortex-a57 -m 64 -display none -serial null -monitor none -semihosting-config enable=on,target=native -kernel"
    .split(" ");

/** What QEMU wrote, and how long the process took; null where there is no QEMU. */
export const qemu = (
  name: string,
): { readonly text: string; readonly ms: number } | null => {
  const from = performance.now();
  try {
    const [program = "", ...args] = qemu_command;
    const command = new Deno.Command(program, {
      args: [...args, guest(name)],
      stderr: "piped",
    });
    const { stdout, stderr } = command.outputSync();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout) + decoder.decode(stderr);
    return { text, ms: performance.now() - from };
  } catch {
    return null;
  }
};

/** Instructions of each kernel as `guests/build.sh` sizes it for QEMU. */
const instructions: Readonly<Record<string, number>> = {
  sieve: 3 + 874_220 * 100,
  crc: 13_830 + 458_756 * 200,
  copy: 3 + 16_390 * 4000,
  mix: 4 + 17.5 * 4_000_000,
};

/** QEMU's MIPS by kernel, by the guest's own clock; null where there is no QEMU. */
export const qemuMips = (): ReadonlyMap<string, number> | null => {
  const ran = qemu("bench.elf");
  if (ran === null) return null;
  const found = new Map<string, number>();
  const line = /^(\w+) reps .* ticks (\d+) hz (\d+)$/gm;
  for (const [, name, ticks, hz] of ran.text.matchAll(line)) {
    const count = instructions[name!];
    if (count === undefined) continue;
    found.set(name!, count / (Number(ticks) / Number(hz)) / 1e6);
  }
  return found;
};
