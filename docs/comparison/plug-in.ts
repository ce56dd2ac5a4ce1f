// node plug-in.js NAME BILL GUESTS: runs plug-in-guest.js, which somebody sent, with three links, 100 USD, a minute and 32 MB.
// Node's vm module is no wall, and its permission model has none for the network: so it runs in an isolate, which has neither
// files nor network. The isolate lives in this process, which has the token and the record.
import ivm from "isolated-vm";
import { readFileSync } from "node:fs";
import { createOnce, rowOf } from "./shared/record";
import { usd } from "./shared/service";

const limits = { links: 3, total: 100_000_000, milliseconds: 60_000, megabytes: 32 };
let links = 0, total = 0;

// What comes from the guest may be anything.
async function createLink(key: unknown, amount: unknown, description: unknown): Promise<string> {
  if (typeof key !== "string" || typeof description !== "string") return JSON.stringify({ code: "invalid_request" });
  if (typeof amount !== "string" || !/^\d{1,9}(\.\d{1,6})?$/.test(amount)) return JSON.stringify({ code: "invalid_request" });
  const name = `plug-in:${key}`; // apart from the shop's own keys
  const micro = Math.round(Number(amount) * 1e6);
  if (!rowOf(name)?.link) {
    if (links >= limits.links || total + micro > limits.total) return JSON.stringify({ code: "limit_reached" });
    links++;
    total += micro;
  }
  try {
    const link = await createOnce(name, amount, description, 2 * 3600);
    return JSON.stringify({ url: link.url, amount: usd(link.amount) });
  } catch {
    return JSON.stringify({ code: "failed" });
  }
}

const isolate = new ivm.Isolate({ memoryLimit: limits.megabytes });
setTimeout(() => {
  console.error("the plug-in takes too long");
  process.exit(124);
}, limits.milliseconds).unref();
const context = await isolate.createContext();
await context.global.set("args", process.argv.slice(2), { copy: true });
await context.evalClosure(
  `globalThis.createLink = async (...values) =>
     JSON.parse(await $0.apply(undefined, values, { arguments: { copy: true }, result: { promise: true, copy: true } }));
   globalThis.print = (text) => $1.applyIgnored(undefined, [String(text)]);`,
  [new ivm.Reference(createLink), new ivm.Reference((text: string) => console.log(text))]);
const script = await isolate.compileScript(readFileSync("plug-in-guest.js", "utf8"), { filename: "plug-in-guest.js" });
await script.run(context, { timeout: limits.milliseconds, promise: true });
