// A wait that ends. The SDK's own doubles its pauses without bound, takes a short payment for a full one, and goes on for
// ever when a link expires, is archived, or the credentials are refused.
import { EPayLinkStatus } from "@1shotapi/1shotpay-common";
import type { IPayLink } from "@1shotapi/1shotpay-server-sdk";
import { setTimeout as sleep } from "node:timers/promises";
import { look, missing, now, usd } from "./service";

export class Unpaid extends Error {
  constructor(readonly code: "expired" | "underpaid" | "archived" | "unauthorized" | "unreachable", readonly link: IPayLink) {
    super(code === "underpaid" ? `underpaid, ${usd(missing(link))} USD are missing` : code);
  }
}

export async function waitUntilPaid(link: IPayLink): Promise<IPayLink> {
  for (let seen = link, pause = 1000; ; pause = Math.min(pause * 1.1, 30_000)) {
    let problem = "";
    try {
      seen = await look(link.id);
    } catch (error) {
      problem = String(error); // says nothing of the customer
    }
    if (seen.status === EPayLinkStatus.Paid && missing(seen) > 0) throw new Unpaid("underpaid", seen);
    if (seen.status === EPayLinkStatus.Paid) return seen;
    if (seen.archived || seen.ignoredByRequestedPayer) throw new Unpaid("archived", seen);
    if (seen.status === EPayLinkStatus.Expired) throw new Unpaid("expired", seen);
    if (problem.includes("HTTP 401")) throw new Unpaid("unauthorized", seen);
    if (problem && now() > link.expirationTimestamp + 120) throw new Unpaid("unreachable", seen);
    await sleep(pause);
  }
}
