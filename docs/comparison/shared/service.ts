// The service, with the time limit that the SDK's requests do not have, and exact sums of its micro-USDC.
import { UserId, resultAsyncToPromise, type PayLinkId } from "@1shotapi/1shotpay-common";
import { OneShotPayServer, type IPayLink } from "@1shotapi/1shotpay-server-sdk";
import { setTimeout as sleep } from "node:timers/promises";

export const server = new OneShotPayServer(UserId(process.env.ONESHOT_USER_ID ?? ""), process.env.ONESHOT_API_TOKEN ?? "");

export const now = () => Math.floor(Date.now() / 1000);
export const usd = (micro: number) => (micro / 1e6).toFixed(2);

// Null while a paid link shows no payment yet.
export const received = (link: IPayLink) => link.mostRecentPayment?.amount ?? null;
export const missing = (link: IPayLink) =>
  link.payerDefinedAmount ? 0 : Math.max(0, link.amount - (received(link) ?? link.amount));

export function look(id: PayLinkId): Promise<IPayLink> {
  const limit = sleep(20_000, undefined, { ref: false }).then(() => {
    throw new Error("no answer within 20 s");
  });
  return Promise.race([resultAsyncToPromise(server.getPayLink(id)), limit]);
}
