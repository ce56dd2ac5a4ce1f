-- A follow-up that does nothing.
paylink.on("paid", function(link) return link.key end)
