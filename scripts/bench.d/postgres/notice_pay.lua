-- Pays the links of a file one after the other at the sandbox arg[2], looks at each, which records the payment, and
-- prints its id then. Usage: notice_pay.lua IDS.csv ADDRESS PAUSE
for row in assert(csv.rows(arg[1], { columns = { "id" } })) do
  assert(http.post(arg[2] .. "/sandbox/pay/" .. row.id))
  local link = assert(paylink.get(row.id))
  assert(link.status == "paid", link.status)
  print(row.id)
  sleep(arg[3])
end
