-- Prints the id of each link that is paid.
paylink.on("paid", function(link) print(link.id) end)
