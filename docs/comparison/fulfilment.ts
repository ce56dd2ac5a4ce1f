// node fulfilment.js ORDER: when the link is paid, the warehouse is told by a signed webhook, at least once.
import { once } from "./shared/once";
import { createOnce } from "./shared/record";
import { received, usd } from "./shared/service";
import { Unpaid, waitUntilPaid } from "./shared/wait";
import { post } from "./shared/webhook";

const order = process.argv[2] ?? "order-1001";
const shop = process.env.SHOP_URL ?? "https://warehouse.example";

const link = await createOnce(order, "16.45", `Order ${order}`, 15 * 60);
try {
  const paid = await waitUntilPaid(link);
  const status = await once(`ship:${order}`, async (token) => {
    const body = JSON.stringify({ order, paid: usd(received(paid) ?? paid.amount) });
    return (await post(`${shop}/ship`, token, body, 3)).status;
  });
  console.log(`${order}: warehouse answered ${status}`);
} catch (error) {
  if (!(error instanceof Unpaid)) throw error;
  console.log(`${order}: not paid (${error.code})`);
}
