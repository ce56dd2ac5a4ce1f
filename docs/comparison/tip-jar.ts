// node tip-jar.js, as a service: one reusable link, each tip told once, and a sum that restarts do not lose.
import { EPayLinkStatus } from "@1shotapi/1shotpay-common";
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "./shared/once";
import { createOnce, db, saveLink } from "./shared/record";
import { look, usd } from "./shared/service";

interface Tip { id: string; amount: number }
const key = `tip-jar:${new Date().getFullYear()}`;
// The amount is fixed: the SDK cannot ask for a link whose payer chooses it.
let jar = await createOnce(key, "2.00", "Tips for the band", 366 * 86_400, { reuseable: true });
console.error("put this on the stage:", jar.url);

// The service shows only the newest payment and counts them all: of those between two looks only the number is known.
while (jar.status !== EPayLinkStatus.Expired && !jar.archived) {
  try {
    jar = await look(jar.id);
    saveLink(key, jar);
    const tips = db.prepare("SELECT id, amount FROM payments WHERE key = ? ORDER BY made_at").all(key) as Tip[];
    const sum = usd(tips.reduce((total, { amount }) => total + amount, 0));
    const note = jar.paymentCount > tips.length ? `, and ${jar.paymentCount - tips.length} tips that nobody saw` : "";
    for (const { id, amount } of tips) {
      await once(`thank:${id}`, async () => console.log(`a tip of ${usd(amount)} USD, ${sum} in the jar${note}`));
    }
  } catch (error) {
    console.warn(`not seen: ${error}`);
  }
  await sleep(5000);
}
