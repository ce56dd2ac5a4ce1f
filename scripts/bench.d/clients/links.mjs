// Creates LINKS pay links with Node's fetch, WIDTH at a time, as a user of the vendor's SDK would.
// Usage: node links.mjs URL ACCESS_TOKEN LINKS WIDTH
const [url, accessToken, links, width] = process.argv.slice(2);
const total = Number(links);
let begun = 0;

async function createLink() {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ amount: 12.5, description: "Order", reuseable: false }),
  });
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  const link = await response.json();
  if (!link.id) throw new Error("a link without an id");
}

async function worker() {
  while (begun < total) {
    begun += 1;
    await createLink();
  }
}

await Promise.all(Array.from({ length: Number(width) }, worker));
