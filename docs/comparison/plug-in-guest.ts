// The plug-in itself: splits a bill, with a link for each guest. Compiled as a script, whose last value is a promise.
declare const args: string[];
declare function print(text: string): void;
declare function createLink(key: string, amount: string, description: string): Promise<{ code?: string; amount?: string }>;

(async () => {
  const [name, bill, guests] = [args[0], args[1], Number(args[2])];
  const cents = Math.round(Number(bill) * 100);
  for (let guest = 1; guest <= guests; guest++) {
    const share = Math.floor(cents / guests) + (guest <= cents % guests ? 1 : 0); // what is left over goes to the first
    const link = await createLink(`${name}:${guest}`, (share / 100).toFixed(2), `A share of ${name}`);
    print(`guest ${guest}: ${link.code ?? `${link.amount} USD`}`);
  }
  // And what it had better not do.
  const more = await createLink("mine", "1.00", "One for me");
  print(`one for me: ${more.code}`);
  for (const what of ["fetch", "process", "require"]) print(`${what}: ${what in globalThis ? "there" : "absent"}`);
})();
