-- Ships what was paid; reminds of what was not.
paylink.on("paid", function(link)
  assert(http.post("https://erp.shop.example/ship", { json = { key = link.key } }))
end)
paylink.on("expired", function(link)
  assert(mail.send{ to = "anna@shop.example", subject = "Expired: " .. link.key, text = "…" })
end)
