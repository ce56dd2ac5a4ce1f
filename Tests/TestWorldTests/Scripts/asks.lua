-- Asks another host, then writes.
local reply = assert(http.get("https://a.example/x"))
assert(mail.send{ to = "a@b.example", subject = reply.body, text = "y" })
