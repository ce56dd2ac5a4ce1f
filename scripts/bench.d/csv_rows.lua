-- Adds up the column `amount` of the table arg[1]; prints the rows and the sum. arg[2]: the only column to build.
local count, sum = 0, 0
for row in assert(csv.rows(arg[1], { columns = arg[2] and { arg[2] } })) do
  count, sum = count + 1, sum + tonumber(row.amount)
end
print(string.format("%d %.2f", count, sum))
