// Waits for every link of a file at once, a promise each, within one budget of requests; prints each that is paid.
// Usage: node waits.mjs LINKS_URL ACCESS_TOKEN IDS.csv PAYMENTS REQUESTS_PER_SECOND
import { readFileSync } from "node:fs";

const [url, accessToken, file, payments, rate] = process.argv.slice(2);
const ids = readFileSync(file, "utf8").trim().split("\n").slice(1);
const perSecond = Number(rate);
const interval = Math.max(1000, Math.min(30000, (ids.length / perSecond) * 1000));
const headers = { Authorization: `Bearer ${accessToken}` };
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

// A turn for each request: so many a second, in the order in which they are asked for, 64 under way.
const turns = [];
let head = 0, tokens = 0, last = performance.now(), underWay = 0, requests = 0, seen = 0;
setInterval(() => {
  const now = performance.now();
  tokens = Math.min(perSecond, tokens + ((now - last) / 1000) * perSecond);
  last = now;
  while (tokens >= 1 && head < turns.length && underWay < 64) {
    tokens -= 1;
    underWay += 1;
    turns[head++]();
    if (head > 4096) turns.splice(0, head), (head = 0);
  }
}, 5);

async function wait(id) {
  while (true) {
    await new Promise((resolve) => turns.push(resolve));
    try {
      requests += 1;
      const link = await (await fetch(`${url}/${id}`, { headers })).json();
      if (link.status === 1) return console.log(id), finish();
    } finally {
      underWay -= 1;
    }
    await sleep(interval * (0.9 + 0.2 * Math.random()));
  }
}

function finish() {
  seen += 1;
  if (seen === Number(payments)) {
    console.error(`requests ${requests}`);
    process.exit(0);
  }
}

console.log("ready");
await Promise.all(ids.map(wait));
