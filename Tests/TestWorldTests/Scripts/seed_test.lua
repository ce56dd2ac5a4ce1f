it("prints what chance has made", function()
  for _ = 1, 3 do print(assert(paylink.create{ amount = "1", description = "x" }).id) end
end)
