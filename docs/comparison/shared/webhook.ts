// A signed webhook, as the Standard Webhooks scheme has it, sent again after what may pass.
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { now } from "./service";

const key = Buffer.from((process.env.WEBHOOK_SECRET ?? "").replace(/^whsec_/, ""), "base64");

export async function post(url: string, id: string, body: string, retries: number): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const timestamp = String(now());
    const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
    const signed = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
    const headers = { "Content-Type": "application/json", ...signed };
    let problem: unknown;
    try {
      const reply = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
      if (reply.ok) return reply;
      problem = new Error(`the receiver answered ${reply.status}`);
      if (reply.status < 500 && reply.status !== 429) attempt = retries;
    } catch (error) {
      problem = error;
    }
    if (attempt >= retries) throw problem;
    await sleep(Math.random() * 500 * 2 ** attempt);
  }
}
