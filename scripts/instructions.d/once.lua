-- Steps that are recorded before and after.
for number = 1, 200 do
  assert(paylink.once("step-" .. number, function() return { number = number } end).number == number)
end
