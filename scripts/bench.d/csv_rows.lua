-- Adds up the column `amount` of the table arg[1]; prints the rows and the sum.
local count, sum = 0, 0
for row in assert(csv.rows(arg[1])) do
  count, sum = count + 1, sum + tonumber(row.amount)
end
print(string.format("%d %.2f", count, sum))
