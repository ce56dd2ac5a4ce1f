-- Every column of every row of the table arg[1].
local rows, letters = 0, 0
for row in csv.rows(arg[1]) do
  rows = rows + 1
  letters = letters + #row.order_id + #row.amount + #row.description
end
assert(rows == 2000 and letters > rows)
