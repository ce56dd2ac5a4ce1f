// node after-a-kill.js ORDER…: what became of each order of fulfilment.ts, and what is still to be done. 75: something is left.
import { EPayLinkStatus } from "@1shotapi/1shotpay-common";
import type { IPayLink } from "@1shotapi/1shotpay-server-sdk";
import { once } from "./shared/once";
import { rowOf, saveLink } from "./shared/record";
import { look, missing, received, usd } from "./shared/service";
import { post } from "./shared/webhook";

const shop = process.env.SHOP_URL ?? "https://warehouse.example";
let status = 0;

function tell(order: string, what: string, isLeft = false): void {
  console.log(`${order}: ${what}`);
  if (isLeft) status = 75;
}

// The warehouse knows each parcel by the webhook's id, which is the token: so it is asked before anything is sent again.
async function isShipped(token: string): Promise<boolean> {
  const reply = await fetch(`${shop}/parcels/${token}`, { signal: AbortSignal.timeout(10_000) });
  if (reply.ok || reply.status === 404) return reply.ok;
  throw new Error(`the warehouse answered ${reply.status}`);
}

for (const order of process.argv.slice(2)) {
  const row = rowOf(order);
  if (!row || !row.is_sent) {
    tell(order, "no link was made, start it again");
    continue;
  }
  if (!row.link) {
    // The SDK has no list of links, so only a person can find out, in the account. Their answer is an UPDATE by hand.
    tell(order, "a link may have been made, look into the account", true);
    continue;
  }
  try {
    const link = await look((JSON.parse(row.link) as IPayLink).id);
    saveLink(order, link);
    if (link.status === EPayLinkStatus.Paid && link.mostRecentPayment && missing(link) === 0) {
      await once(`ship:${order}`, async (token) => {
        if (await isShipped(token)) return 200;
        const body = JSON.stringify({ order, paid: usd(received(link) ?? link.amount) });
        return (await post(`${shop}/ship`, token, body, 0)).status;
      });
      tell(order, "paid and shipped");
    } else if (missing(link) > 0) {
      tell(order, `paid ${usd(missing(link))} USD short`);
    } else {
      tell(order, EPayLinkStatus[link.status].toLowerCase());
    }
  } catch (error) {
    tell(order, `not known: ${error}`, true);
  }
}
process.exit(status);
